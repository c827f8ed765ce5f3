"""What the embedded OpenSearch is made of, before any version of a dependency is resolved.

The coordinates here are the roots; ``artifacts.lock`` holds their closure with checksums. The spec is a
value, so that a node with more modules (or, later, plugins) is another spec and not another code path.
"""

from __future__ import annotations

from dataclasses import dataclass

OPENSEARCH_VERSION = "3.4.0"


@dataclass(frozen=True, slots=True)
class Module:
    """One OpenSearch module: a folder ``modules/NAME`` with its own class loader.

    ``artifact`` is the Maven artifact of its jar (the build publishes some as ``NAME-client``), ``classname``
    its entry point and ``extends`` the modules whose extension points it uses; both end in the descriptor
    that OpenSearch reads at start. ``permissions`` are the grants it needs from the security agent.
    """

    name: str
    artifact: str
    classname: str
    extends: tuple[str, ...] = ()
    permissions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plugin:
    """A plugin as its build publishes it: a zip, and jars that it needs but leaves out.

    All are coordinates ``group:artifact:version[@extension]``, resolved alone: the zip holds its closure.
    """

    name: str
    archive: str
    missing: tuple[str, ...] = ()


SECURITY_PLUGIN = Plugin(
    "opensearch-security",
    f"org.opensearch.plugin:opensearch-security:{OPENSEARCH_VERSION}.0@zip",
    # In the full distribution another plugin, which this one extends, brings it.
    missing=("org.apache.commons:commons-collections4:4.4",),
)


@dataclass(frozen=True, slots=True)
class EngineSpec:
    """The parts of a home: what goes to ``lib``, to ``agent`` and to each ``modules/NAME``."""

    version: str
    lib: tuple[str, ...]
    agent: tuple[str, ...]
    modules: tuple[Module, ...]

    def module(self, name: str) -> Module:
        """The module called ``name``.

        Raises:
            KeyError: the spec has no such module.
        """
        for module in self.modules:
            if module.name == name:
                return module
        raise KeyError(name)


DEFAULT_SPEC = EngineSpec(
    version=OPENSEARCH_VERSION,
    lib=(
        f"org.opensearch:opensearch:{OPENSEARCH_VERSION}",
        f"org.opensearch:opensearch-plugin-classloader:{OPENSEARCH_VERSION}",
        # Optional in the POM of the server, but needed by its bootstrap and by geo fields.
        "org.apache.logging.log4j:log4j-core:2.21.0",
        "org.apache.logging.log4j:log4j-jul:2.21.0",
        "net.java.dev.jna:jna:5.16.0",
        "org.locationtech.spatial4j:spatial4j:0.7",
        "org.locationtech.jts:jts-core:1.15.0",
    ),
    agent=(f"org.opensearch:opensearch-agent:{OPENSEARCH_VERSION}",),
    # analysis-common is left out on purpose: it needs Thai locale data, which small Java runtimes lack,
    # and then every creation of an index fails.
    modules=(
        Module(
            "transport-netty4",
            "transport-netty4-client",
            "org.opensearch.transport.Netty4ModulePlugin",
            permissions=('java.net.SocketPermission "*", "accept,connect"',),
        ),
        Module("lang-painless", "lang-painless", "org.opensearch.painless.PainlessModulePlugin"),
        Module("reindex", "reindex-client", "org.opensearch.index.reindex.ReindexModulePlugin"),
        Module(
            "mapper-extras", "mapper-extras-client", "org.opensearch.index.mapper.MapperExtrasModulePlugin"
        ),
        Module(
            "ingest-common",
            "ingest-common",
            "org.opensearch.ingest.common.IngestCommonModulePlugin",
            extends=("lang-painless",),
        ),
        Module(
            "lang-mustache", "lang-mustache-client", "org.opensearch.script.mustache.MustacheModulePlugin"
        ),
    ),
)
