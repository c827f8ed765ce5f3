"""Checks of the rows and of the reports made from them, in one pass over the bundle."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from atlaslens_forwarder.evidence.checks import Check, equal, failed, faultless, not_checked, passed
from atlaslens_forwarder.evidence.layout import EVENTS, ROW_LINE_BYTES, ROWS, ReportFormat, parse_row_line
from atlaslens_forwarder.evidence.leaf_audit import LeafAudit
from atlaslens_forwarder.evidence.report_audit import ReportAudit
from atlaslens_forwarder.evidence.reports import ROW_REPORTS
from atlaslens_forwarder.evidence.row_audit import RowAudit
from atlaslens_forwarder.evidence.row_reading import Row, event_lines, read_row
from atlaslens_forwarder.evidence.stamp import stamp_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from atlaslens_forwarder.evidence.bundle import Bundle
    from atlaslens_forwarder.evidence.layout import RowLine
    from atlaslens_forwarder.evidence.manifest import Claims, Manifest
    from atlaslens_forwarder.evidence.redaction import Ranges, Redaction
    from atlaslens_forwarder.evidence.row_audit import OriginCheck


def check_content(
    bundle: Bundle, manifest: Manifest, redaction: Redaction | None, origin: OriginCheck | None
) -> list[Check]:
    """Read the rows once and say what they are."""
    rows = RowAudit(manifest.claims.filter, origin)
    leaves = LeafAudit()
    faults: list[str] = []
    with ExitStack() as stack:
        reports = {
            form: ReportAudit(made, stack.enter_context(bundle.open(made.name)))
            for form, kind in ROW_REPORTS.items()
            if (made := kind(stamp_of(manifest.claims, redaction))).name in bundle.sizes
        }
        for number, line, row_line, withheld in numbered(bundle, redaction, faults):
            leaves.take(number, None if line is None else line.rstrip(b"\n"), row_line, withheld=withheld)
            if line is None:
                continue
            row = read_row(line)
            rows.take(number, row)
            event = row.event if isinstance(row, Row) else None
            for report in reports.values():
                report.take(number, event, line)
        leaves.finish()
        for report in reports.values():
            report.finish()
    withheld_count = 0 if redaction is None else redaction.withheld_count
    return [
        faultless("rows", rows.form_fault, "every row reads and is in canonical form"),
        faultless(
            "leaves", "".join(faults[:1]) or leaves.line_fault or leaves.fault, "every row fits its leaf"
        ),
        equal("merkle", "root", manifest.claims.merkle_root, leaves.merkle_root),
        *_rows(manifest.claims, rows, withheld_count),
        *(_report(form, each) for form, each in reports.items()),
        _origin(rows),
    ]


def numbered(
    bundle: Bundle, redaction: Redaction | None, faults: list[str]
) -> Iterator[tuple[int, bytes | None, RowLine | None, bool]]:
    """Every row by its number: its line, its line of ``rows.txt``, and whether it is withheld.

    What is wrong with ``rows.txt`` itself is appended to ``faults``.
    """
    number = 0
    withheld = _withheld(() if redaction is None else redaction.withheld)
    skip = next(withheld, None)
    with ExitStack() as stack:
        lines: Iterator[bytes] = iter(())
        if EVENTS in bundle.sizes:
            lines = event_lines(stack.enter_context(bundle.open(EVENTS)))
        if ROWS in bundle.sizes:
            rows = stack.enter_context(bundle.open(ROWS))
            while raw := rows.read(ROW_LINE_BYTES):
                number += 1
                row_line = parse_row_line(raw)
                if row_line is None:
                    faults.append(f"line {number} of {ROWS} is broken")
                if number == skip:
                    skip = next(withheld, None)
                    yield number, None, row_line, True
                else:
                    yield number, next(lines, None), row_line, False
        for line in lines:
            number += 1
            yield number, line, None, False


def _withheld(ranges: Ranges) -> Iterator[int]:
    for first, last in ranges:
        yield from range(first, last + 1)


def _rows(claims: Claims, audit: RowAudit, withheld: int) -> list[Check]:
    tally = audit.tally
    order = faultless("order", audit.order_fault, "rows ascend by time, then by id")
    inside = faultless("filter", audit.filter_fault, "every row is inside the filter")
    if withheld:
        unseen = f"for the {withheld} rows that are withheld it was not checked"
        return [
            *(each if each.ok is False else not_checked(each.name, unseen) for each in (order, inside)),
            not_checked("repeated", unseen),
            equal("count", "rows", claims.count, audit.rows + withheld),
            not_checked("span", unseen),
        ]
    return [
        order,
        equal("repeated", "rows that repeat an id", claims.repeated, tally.repeated),
        equal("count", "rows", claims.count, audit.rows),
        inside,
        equal(
            "span",
            "first and last time",
            _shown((claims.first, claims.last)),
            _shown((tally.first, tally.last)),
        ),
    ]


def _shown(span: tuple[str | None, str | None]) -> str:
    return " to ".join(at or "none" for at in span)


def _report(form: ReportFormat, audit: ReportAudit) -> Check:
    return faultless(form.value, audit.fault, f"{audit.report.name} is what the events make, stamp included")


def _origin(audit: RowAudit) -> Check:
    name = "origin"
    if audit.origin_fault:
        return failed(name, audit.origin_fault)
    if audit.origin is None:
        return not_checked(name, "the origin key is not here (--keys), so event.hash was not recomputed")
    if audit.origin_unknown or audit.unreadable:
        unknown = audit.origin_unknown + audit.unreadable
        return not_checked(
            name, f"{unknown} of {audit.rows} rows name a key that is not here, or cannot be read"
        )
    return passed(name, f"{audit.origin_proven} events match their event.hash")
