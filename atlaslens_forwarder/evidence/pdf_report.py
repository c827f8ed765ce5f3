"""The PDF report of a bundle: what its cover shows, how it is drawn, and how it is checked again."""

from __future__ import annotations

import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from atlaslens_forwarder.errors import AtlaslensError
from atlaslens_forwarder.evidence.bundle import digest_of
from atlaslens_forwarder.evidence.checks import Check, failed, not_checked, passed
from atlaslens_forwarder.evidence.layout import EVENTS
from atlaslens_forwarder.evidence.manifest import ListedFile, all_append_only
from atlaslens_forwarder.evidence.pdf.facts import (
    GapFact,
    Hole,
    IndexFact,
    KeyFact,
    ReportFacts,
    SourceCoverage,
)
from atlaslens_forwarder.evidence.pdf.report import write_pdf
from atlaslens_forwarder.evidence.row_reading import event_lines, parsed_events
from atlaslens_forwarder.evidence.stamp import filter_lines
from atlaslens_forwarder.model.time import parse_iso_ms

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import IO

    from atlaslens_forwarder.evidence.bundle import Bundle
    from atlaslens_forwarder.evidence.manifest import Claims
    from atlaslens_forwarder.evidence.redaction import Redaction
    from atlaslens_forwarder.model.json import JsonObject

MOST_DRAWN: Final = 20_000
"""A report of more events is not drawn again to check it: that takes minutes."""
_DRAWN_BY: Final = (
    "atlaslens-forwarder",
    "fpdf2",
    "fonttools",
    "fontpkg-source-code-pro",
    "manimgx-fonts",
    "noto-cjk-sans-otc",
    "uharfbuzz",
)
_WITHHELD: Final = "not stated: rows are withheld"


def renderer() -> str:
    """What the look of a PDF depends on: this product, the libraries that draw and the fonts."""
    return ", ".join(f"{name} {version(name)}" for name in _DRAWN_BY)


def write_pdf_report(folder: Path, claims: Claims, redaction: Redaction | None) -> list[ListedFile]:
    """Draw the volumes from the events in a folder, beside them.

    Raises:
        EvidenceError: an event cannot be shown.
        ConfigError: a file cannot be written.
    """
    return _draw(lambda: (folder / EVENTS).open("rb"), folder, claims, redaction)


def check_pdf_report(
    bundle: Bundle, files: Sequence[ListedFile], claims: Claims, redaction: Redaction | None
) -> Check:
    """Draw the report again, where the same means are here, and compare.

    Raises:
        OSError: the temporary files cannot be written.
    """
    name = "pdf"
    shown = claims.count - (0 if redaction is None else redaction.withheld_count)
    by = {file.renderer for file in files}
    if by != {renderer()}:
        return not_checked(name, f"drawn by {', '.join(sorted(by))}, which is not what is here")
    if shown > MOST_DRAWN:
        return not_checked(name, f"not drawn again: more than {MOST_DRAWN} events")
    with tempfile.TemporaryDirectory(prefix="atlaslens-pdf-") as folder:
        try:
            drawn = _draw(lambda: bundle.open(EVENTS), Path(folder), claims, redaction)
        except (AtlaslensError, ValueError):
            return failed(name, "the events that are here cannot be drawn as the report")
    for file in drawn:
        if file.name not in bundle.sizes or digest_of(bundle, file.name) != file.sha256:
            return failed(name, f"{file.name} is not what the events make")
    return passed(name, f"{len(drawn)} volumes are, to the byte, what the events make")


def _draw(
    opened: Callable[[], IO[bytes]], folder: Path, claims: Claims, redaction: Redaction | None
) -> list[ListedFile]:
    def events() -> Iterator[JsonObject]:
        with opened() as file:
            for _, event in parsed_events(event_lines(file)):
                yield event

    created_ms = parse_iso_ms((redaction or claims).created)
    volumes = write_pdf(events, facts_of(claims, redaction), folder, created_ms=created_ms)
    by = renderer()
    return [ListedFile(each.path.name, each.size_bytes, each.sha256, by) for each in volumes]


def facts_of(claims: Claims, redaction: Redaction | None) -> ReportFacts:
    """What the cover and the statements of the report show."""
    withheld = 0 if redaction is None else redaction.withheld_count
    absent = None if redaction is None else _WITHHELD
    store: dict[str, Any] = claims.store
    return ReportFacts(
        title=claims.filter.view.value.replace("-", " ").capitalize(),
        criteria=filter_lines(claims)[3:],
        from_ms=claims.filter.from_ms,
        to_ms=claims.filter.to_ms,
        count=claims.count - withheld,
        repeated=claims.repeated,
        first=claims.first or absent,
        last=claims.last or absent,
        events_sha256=claims.events_sha256 or _WITHHELD,
        merkle_root=claims.merkle_root,
        exported_by=claims.exporter,
        tool_version=claims.tool_version,
        cluster_name=str(store.get("cluster_name")),
        cluster_uuid=str(store.get("cluster_uuid")),
        indices=tuple(
            IndexFact(str(each["name"]), str(each["uuid"]), each["append_only"] is True)
            for each in store.get("indices", [])
        ),
        coverage=_coverage(claims.coverage),
        gaps=tuple(map(_gap, claims.gaps)),
        coverage_statement=f"All sources together: {claims.coverage.get('verdict', 'not stated')}.",
        warnings=_warnings(claims, redaction),
        key=KeyFact(claims.signing_keys[0], _fingerprint(claims.signing_keys[0])),
    )


def _warnings(claims: Claims, redaction: Redaction | None) -> tuple[str, ...]:
    found: list[str] = []
    if not all_append_only(claims.store):
        found.append("The store is not append-only: events could be changed before they were exported.")
    if redaction is not None:
        found.append(
            f"REDACTED: {redaction.withheld_count} of {claims.count} rows are withheld by {redaction.by}, "
            f"{redaction.created}: {redaction.reason}"
        )
    return tuple(found)


def _coverage(told: dict[str, Any]) -> tuple[SourceCoverage, ...]:
    return tuple(
        SourceCoverage(
            source=name,
            verdict=str(each.get("verdict")),
            covered=tuple(map(_span, each.get("covered", []))),
            holes=tuple(Hole(*_span(hole), str(hole.get("reason"))) for hole in each.get("holes", [])),
            note=f"provisional from {each['provisional_from']}" if "provisional_from" in each else "",
        )
        for name, each in sorted(told.get("connectors", {}).items())
    )


def _span(told: dict[str, str]) -> tuple[int, int]:
    return parse_iso_ms(told["from"]), parse_iso_ms(told["to"])


def _gap(told: Any) -> GapFact:
    live = "filled" if told.get("filled") else "closed" if told.get("closed_at") else "open"
    return GapFact(
        kind=str(told.get("kind")),
        product=str(told.get("product") or told.get("connector") or "all"),
        missing=str(told.get("what")),
        why=str(told.get("why")),
        state=str(told.get("state") or live),
    )


def _fingerprint(key_id: str) -> str:
    """The key's id in groups, for people who compare it by eye."""
    return " ".join(key_id[start : start + 8] for start in range(0, len(key_id), 8))
