"""The configuration of one node: its files and the command line of its virtual machine. Pure.

Values come from OpenSearch's own ``jvm.options`` (distribution 3.x) unless a comment says otherwise.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from atlaslens_forwarder.engine.java import JavaRuntime

LOOPBACK = "127.0.0.1"
_COMPACT_HEADERS_JAVA = 25
_VECTOR_MODULE = "jdk.incubator.vector"


@dataclass(frozen=True, slots=True)
class Membership:
    """A node's place in a cluster of several; the first one has no ``seed`` and forms the cluster."""

    node: str
    seed: str = ""
    """``address:port`` at which a node that is in the cluster listens for others."""

    def settings(self) -> dict[str, object]:
        """What takes the place of ``discovery.type: single-node``."""
        if self.seed:
            return {"node.name": self.node, "discovery.seed_hosts": [self.seed]}
        return {
            "node.name": self.node,
            "discovery.seed_hosts": [],
            "cluster.initial_cluster_manager_nodes": [self.node],
        }


@dataclass(frozen=True, slots=True)
class NodeFolders:
    """The folders of one node below its data folder. The node's account must be able to write them all."""

    root: Path

    @property
    def data(self) -> Path:
        """The indices."""
        return self.root / "data"

    @property
    def logs(self) -> Path:
        """The node's log, its console output and the files that tell its ports."""
        return self.root / "logs"

    @property
    def config(self) -> Path:
        """``opensearch.yml``, ``log4j2.properties`` and the node's keystore."""
        return self.root / "config"

    @property
    def scratch(self) -> Path:
        """``java.io.tmpdir``."""
        return self.root / "tmp"

    @property
    def snapshots(self) -> Path:
        """The only folder in which repositories of snapshots may lie (``path.repo``)."""
        return self.root / "snapshots"

    @property
    def console(self) -> Path:
        """Standard output and error of this run."""
        return self.logs / "console.log"

    @property
    def http_ports(self) -> Path:
        """Written by the node once it listens: one ``address:port`` per line."""
        return self.logs / "http.ports"

    @property
    def transport_ports(self) -> Path:
        """Likewise where it listens for other nodes."""
        return self.logs / "transport.ports"

    @property
    def writable(self) -> tuple[Path, ...]:
        """Every folder the node writes to."""
        return (self.data, self.logs, self.config, self.scratch, self.snapshots)


def settings(
    folders: NodeFolders, *, cluster_name: str, http_port: int, membership: Membership | None = None
) -> dict[str, object]:
    """The content of ``opensearch.yml``; ``http_port`` 0 lets the kernel choose a free one.

    Without ``membership`` the node is a cluster by itself and lets nobody in.
    """
    alone = {"node.name": f"{cluster_name}-1", "discovery.type": "single-node"}
    return {
        "cluster.name": cluster_name,
        **(membership.settings() if membership is not None else alone),
        "path.data": str(folders.data),
        "path.logs": str(folders.logs),
        "path.repo": [str(folders.snapshots)],
        "http.host": LOOPBACK,
        "transport.host": LOOPBACK,
        "http.port": http_port,
        "transport.port": 0,
        "node.portsfile": True,
        # A month that is written to before it was set up would get today's creation date and outlive or
        # miss its retention, so only indices of others may appear by themselves.
        "action.auto_create_index": "-atlaslens-*,*",
        "action.destructive_requires_name": True,
        # The watermarks are shares of the whole disk. On a laptop that is 95 % full they would turn every
        # index read-only although gigabytes are free; a full disk still fails loudly at the write.
        "cluster.routing.allocation.disk.threshold_enabled": False,
    }


def opensearch_yml(values: Mapping[str, object]) -> str:
    """Settings as YAML; every JSON scalar is a YAML scalar."""
    return "".join(f"{key}: {json.dumps(value, ensure_ascii=False)}\n" for key, value in values.items())


def log4j2_properties() -> str:
    """Logging to one rolling file of at most 4 × 10 MB.

    ``opensearch.logs.*`` are set by OpenSearch before it reads this file. What makes a start fail is printed
    to standard error as well, whatever stands here.
    """
    path = "${sys:opensearch.logs.base_path}/${sys:opensearch.logs.cluster_name}"
    lines = (
        "status = error",
        "appender.file.type = RollingFile",
        "appender.file.name = file",
        f"appender.file.fileName = {path}.log",
        f"appender.file.filePattern = {path}-%i.log",
        "appender.file.layout.type = PatternLayout",
        "appender.file.layout.pattern = [%d{ISO8601}][%-5p][%-25c{1.}] %marker%m%n",
        "appender.file.policies.type = Policies",
        "appender.file.policies.size.type = SizeBasedTriggeringPolicy",
        "appender.file.policies.size.size = 10MB",
        "appender.file.strategy.type = DefaultRolloverStrategy",
        "appender.file.strategy.max = 3",
        "rootLogger.level = info",
        "rootLogger.appenderRef.file.ref = file",
    )
    return "\n".join(lines) + "\n"


def java_command(
    java: JavaRuntime,
    *,
    home: Path,
    folders: NodeFolders,
    heap_mb: int,
    agent_jar: Path,
    quick_start: bool = False,
) -> Sequence[str]:
    """The command that becomes the node.

    ``quick_start`` leaves out the optimising compiler: half the processor time until the node answers (7
    instead of 13.5 s, measured on two cores), less throughput once it is warm.
    """
    command = [
        str(java.binary),
        f"-Xms{heap_mb}m",
        f"-Xmx{heap_mb}m",
        "-Xss1m",
        "-XX:+UseG1GC",
        "-XX:G1ReservePercent=25",
        "-XX:InitiatingHeapOccupancyPercent=30",
        # A heap dump would hold whatever the node held, personal data included: end instead of dumping.
        "-XX:+ExitOnOutOfMemoryError",
        f"-XX:ErrorFile={folders.logs}/hs_err_pid%p.log",
        "-XX:-OmitStackTraceInFastThrow",
        "-XX:+ShowCodeDetailsInExceptionMessages",
        f"-javaagent:{agent_jar}",
        "--add-opens=java.base/java.nio=ALL-UNNAMED",
        "--enable-native-access=ALL-UNNAMED",
        "-Dorg.apache.lucene.store.MMapDirectory.sharedArenaMaxPermits=1",
        "-Dopensearch.networkaddress.cache.ttl=60",
        "-Dopensearch.networkaddress.cache.negative.ttl=10",
        "-Djava.awt.headless=true",
        "-Dfile.encoding=UTF-8",
        "-Djava.locale.providers=SPI,CLDR",
        "-Djna.nosys=true",
        "-Dio.netty.noUnsafe=true",
        "-Dio.netty.noKeySetOptimization=true",
        "-Dio.netty.recycler.maxCapacityPerThread=0",
        "-Dio.netty.allocator.numDirectArenas=0",
        "-Dlog4j.shutdownHookEnabled=false",
        "-Dlog4j2.disable.jmx=true",
        f"-Djava.io.tmpdir={folders.scratch}",
        f"-Dopensearch.path.home={home}",
        f"-Dopensearch.path.conf={folders.config}",
    ]
    if java.version >= _COMPACT_HEADERS_JAVA:
        command.append("-XX:+UseCompactObjectHeaders")
    if quick_start:
        command.append("-XX:TieredStopAtLevel=1")
    if _VECTOR_MODULE in java.modules:  # small runtimes lack it; Lucene then uses scalar code
        command.append(f"--add-modules={_VECTOR_MODULE}")
    return [*command, "-cp", f"{home}/lib/*", "org.opensearch.bootstrap.OpenSearch"]
