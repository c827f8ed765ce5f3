"""The whole page: what was asked, what was read and what not, then the views. Pure."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any, Final

from atlaslens_forwarder.views.render.panels import panel
from atlaslens_forwarder.views.render.style import CSS
from atlaslens_forwarder.views.told import of_products
from atlaslens_forwarder.views.wording import when, when_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from atlaslens_forwarder.views.shown import Facts, ShownView

POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
"""No script, no request: held by the browser too."""
_VERDICTS: Final = {
    "complete": "Complete: all that the sources return of this time was read with proven access.",
    "provisional": "Complete so far: only the newest hour, which is read again, is still open.",
    "holes": "Not complete: parts of this time were not read. Zero may mean not read.",
}
_GAPS_NAMED: Final = 12


def page(facts: Facts, views: Sequence[ShownView]) -> str:
    """One HTML document."""
    title = views[0].view.title if len(views) == 1 else "Atlassian activity"
    links = "".join(
        f'<li><a href="#{escape(each.view.id)}">{escape(each.view.title)}</a></li>' for each in views
    )
    nav = f'<nav aria-label="Views"><ul>{links}</ul></nav>' if len(views) > 1 else ""
    sections = "".join(_section(each) for each in views)
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(POLICY)}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="referrer" content="no-referrer">'
        f"<title>{escape(title)}</title><style>{CSS}</style></head><body>"
        f"<header><h1>{escape(title)}</h1>{_facts(facts)}{_coverage(facts)}</header>{nav}"
        f"<main>{sections}</main>"
        f"<footer>Made by atlaslens-forwarder {escape(facts.tool_version)} at {when(facts.made_ms)} UTC. "
        "All times are UTC. This page is a picture of that moment and no evidence by itself: "
        "<code>atlaslens-forwarder export</code> writes events that can be verified.</footer></body></html>\n"
    )


def _section(shown: ShownView) -> str:
    view = shown.view
    panels = "".join(panel(each) for each in shown.panels)
    return (
        f'<section class="view" id="{escape(view.id)}"><h2>{escape(view.title)}</h2>'
        f'<p class="lead">{escape(view.description)}</p><div class="grid">{panels}</div></section>'
    )


def _facts(facts: Facts) -> str:
    store = facts.store if facts.append_only else f"{facts.store}, NOT append-only"
    told = [
        ("Time (UTC)", f"{when(facts.filters.from_ms)[:16]} to {when(facts.filters.to_ms)[:16]}"),
        ("Filter", "; ".join(f"{name}: {value}" for name, value in facts.asked) or "none: everything"),
        ("Store", store),
        ("Made", f"{when(facts.made_ms)} UTC by atlaslens-forwarder {facts.tool_version}"),
    ]
    rows = "".join(f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in told)
    return f'<dl class="facts">{rows}</dl>'


def _coverage(facts: Facts) -> str:
    coverage: Any = facts.coverage
    rows = [
        (name, each)
        for name, each in sorted(coverage["connectors"].items())
        if of_products(name, facts.filters.products)
    ]
    verdicts = {each["verdict"] for _, each in rows}
    verdict = next((each for each in ("holes", "provisional") if each in verdicts), "complete")
    verdict = verdict if rows else "holes"
    listed = "".join(
        f"<li>{escape(name)}: {each['covered_share']:.1%} read{_holes(each)}</li>" for name, each in rows
    )
    kind = "note" if verdict == "holes" else "note ok"
    made = (
        f'<div class="{kind}" id="coverage"><details{" open" if verdict == "holes" else ""}>'
        f"<summary><strong>{escape(_VERDICTS[verdict])}</strong></summary>"
        f"<ul>{listed or '<li>no source was read</li>'}</ul></details></div>"
    )
    if facts.gaps:
        gaps = "".join(f"<li>{escape(_gap(gap))}</li>" for gap in facts.gaps[:_GAPS_NAMED])
        left = len(facts.gaps) - _GAPS_NAMED
        more = f"<li>and {left} more, see Sync Health</li>" if left > 0 else ""
        made += (
            f'<div class="note" id="gaps"><strong>Gaps in this time: what could not be read.</strong>'
            f"<ul>{gaps}{more}</ul></div>"
        )
    if facts.unheeded:
        made += (
            f'<p class="note">Windows and quarantine have no {escape(", ".join(facts.unheeded))}: '
            "Sync Health shows them for all.</p>"
        )
    return made


def _holes(each: Any) -> str:
    count = each["holes_total"]
    if not count:
        return ""
    first = each["holes"][0]
    told = f", {count} hole{'' if count == 1 else 's'}"
    return escape(f"{told}, the first {when_text(first['from'])[:16]} to {when_text(first['to'])[:16]}")


def _gap(gap: Any) -> str:
    start = "ever" if gap["from"] is None else when_text(str(gap["from"]))[:16]
    end = "now" if gap["to"] is None else when_text(str(gap["to"]))[:16]
    return f"{gap['connector']}: {gap['what']} ({start} to {end})"
