"""The configuration a node gets."""

from __future__ import annotations

from pathlib import Path

from atlaslens_forwarder.engine.config import NodeFolders, java_command, opensearch_yml, settings
from atlaslens_forwarder.engine.java import JavaRuntime

FOLDERS = NodeFolders(Path("/data dir"))


def command(*, version: int = 25, modules: frozenset[str] = frozenset()) -> list[str]:
    java = JavaRuntime(home=Path("/java"), version=version, modules=modules)
    return list(
        java_command(java, home=Path("/home"), folders=FOLDERS, heap_mb=300, agent_jar=Path("/a.jar"))
    )


def test_the_node_binds_to_loopback_and_creates_no_index_of_ours() -> None:
    values = settings(FOLDERS, cluster_name="c", http_port=0)
    assert values["http.host"] == values["transport.host"] == "127.0.0.1"
    assert values["action.auto_create_index"] == "-atlaslens-*,*"
    assert values["discovery.type"] == "single-node"


def test_settings_are_quoted_where_yaml_needs_it() -> None:
    text = opensearch_yml({"path.data": '/a: "b"', "http.port": 0, "node.portsfile": True})
    assert text == 'path.data: "/a: \\"b\\""\nhttp.port: 0\nnode.portsfile: true\n'


def test_the_heap_is_bounded_on_both_sides() -> None:
    assert {"-Xms300m", "-Xmx300m"} <= set(command())


def test_flags_follow_what_the_runtime_has() -> None:
    assert "--add-modules=jdk.incubator.vector" not in command()
    assert "--add-modules=jdk.incubator.vector" in command(modules=frozenset({"jdk.incubator.vector"}))
    assert "-XX:+UseCompactObjectHeaders" in command()
    assert "-XX:+UseCompactObjectHeaders" not in command(version=21)


def test_a_quick_start_does_without_the_optimising_compiler() -> None:
    java = JavaRuntime(home=Path("/java"), version=25)
    quick = java_command(
        java, home=Path("/home"), folders=FOLDERS, heap_mb=300, agent_jar=Path("/a.jar"), quick_start=True
    )
    assert set(quick) - set(command()) == {"-XX:TieredStopAtLevel=1"}


def test_no_heap_dump_is_ever_written() -> None:
    assert not [flag for flag in command() if "HeapDump" in flag]
