"""What a report states beside the events, handed in by whoever made the export. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class IndexFact:
    """One index that was read from."""

    name: str
    uuid: str
    append_only: bool


@dataclass(frozen=True, slots=True)
class Hole:
    """A time that a source was not read in full: ``from_ms`` <= time < ``to_ms``, and why."""

    from_ms: int
    to_ms: int
    reason: str


@dataclass(frozen=True, slots=True)
class SourceCoverage:
    """What is known of one source: its verdict in one word, what was read in full, what was not.

    ``covered`` and ``holes`` are ordered by time; times are epoch milliseconds, ends excluded.
    """

    source: str
    verdict: str
    covered: tuple[tuple[int, int], ...] = ()
    holes: tuple[Hole, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class GapFact:
    """Something that this export cannot hold: its kind, what is missing, why, and its state."""

    kind: str
    product: str
    missing: str
    why: str
    state: str


@dataclass(frozen=True, slots=True)
class KeyFact:
    """The key that signs the bundle; ``fingerprint`` as ``keys list`` shows it."""

    key_id: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class ReportFacts:
    """All that the cover and the statements show.

    ``criteria`` are pairs of name and value in the words of the command line, in the order to be shown; the
    interval ``from_ms`` <= time < ``to_ms`` is shown first. ``first`` and ``last`` are ISO times, None
    without events. ``count`` must be the number of events. Digests are lower-case hex.
    """

    title: str
    criteria: tuple[tuple[str, str], ...]
    from_ms: int
    to_ms: int
    count: int
    repeated: int
    first: str | None
    last: str | None
    events_sha256: str
    merkle_root: str
    exported_by: str
    tool_version: str
    cluster_name: str
    cluster_uuid: str
    indices: tuple[IndexFact, ...]
    coverage: tuple[SourceCoverage, ...]
    gaps: tuple[GapFact, ...]
    coverage_statement: str = ""
    warnings: tuple[str, ...] = ()
    key: KeyFact | None = None
    """None: the bundle is not signed, which the cover says."""
