"""The page's colours and style sheet: light, readable on paper, nothing loaded from elsewhere."""

from __future__ import annotations

from typing import Final

PALETTE: Final = ("#2f5fd0", "#e08a1e", "#1f9d8a", "#8b5fbf", "#c94f7c", "#6b8e23", "#4aa3df", "#a0704f")
"""Told apart by people who see colours differently, too; names always stand beside them."""
OTHERS_COLOUR: Final = "#b4bcc8"
FIXED: Final = {
    "high": "#c8372d",
    "medium": "#e5a32a",
    "low": "#8fa8c8",
    "audit": "#8b5fbf",
    "activity": "#2f5fd0",
    "jira": "#2f5fd0",
    "jsm": "#1f9d8a",
    "confluence": "#8b5fbf",
    "bitbucket": "#e08a1e",
    "organisation": "#c94f7c",
    "others": OTHERS_COLOUR,
}
"""What means the same in every chart has one colour in all of them."""


def colours(names: tuple[str, ...]) -> dict[str, str]:
    """A colour for each name."""
    free = [colour for colour in PALETTE if colour not in {FIXED.get(name) for name in names}]
    chosen: dict[str, str] = {}
    for name in names:
        chosen[name] = FIXED.get(name) or (free.pop(0) if free else OTHERS_COLOUR)
    return chosen


CSS: Final = """
:root{--ink:#1c2430;--soft:#5b6675;--line:#e3e7ee;--ground:#f5f7fa;--card:#fff;--brand:#2f5fd0;
--warn:#8a5a00;--warn-ground:#fff7e2;--bad:#a5281f}
*{box-sizing:border-box}
html{scroll-behavior:smooth;scroll-padding-top:3.4rem}
body{margin:0;background:var(--ground);color:var(--ink);
font:14px/1.45 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
a{color:var(--brand);text-decoration:none}a:hover,a:focus{text-decoration:underline}
header,main,footer{max-width:1360px;margin:0 auto;padding:0 24px}
header{padding-top:26px}
h1{margin:0 0 2px;font-size:26px;letter-spacing:-.01em}
h2{margin:38px 0 2px;font-size:20px}
h3{margin:0;font-size:14px;font-weight:650}
.lead{margin:0 0 14px;color:var(--soft)}
nav{position:sticky;top:0;z-index:2;background:var(--card);border-bottom:1px solid var(--line)}
nav ul{display:flex;flex-wrap:wrap;gap:4px 22px;max-width:1360px;margin:0 auto;padding:11px 24px;
list-style:none}
nav a{font-weight:600}
.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(230px,1fr));gap:10px 28px;
margin:14px 0 18px;
padding:16px 20px;background:var(--card);border:1px solid var(--line);border-radius:10px}
.facts dt{color:var(--soft);font-size:12px}.facts dd{margin:0;font-weight:600;overflow-wrap:anywhere}
.note{margin:10px 0;padding:10px 16px;background:var(--warn-ground);border-left:4px solid #e5a32a;
border-radius:6px;color:var(--warn)}
.note ul{margin:4px 0 0;padding-left:18px}.note.ok{background:#eaf6f2;border-color:#1f9d8a;color:#12594e}
.note summary{cursor:pointer}#coverage ul{columns:3 300px;column-gap:40px}
.grid{display:grid;grid-template-columns:repeat(48,minmax(0,1fr));gap:14px;margin-top:12px}
.panel{min-width:0;padding:14px 16px 16px;background:var(--card);border:1px solid var(--line);
border-radius:10px}
.panel>p.help{margin:1px 0 10px;color:var(--soft);font-size:12px;line-height:1.35}
.figure{margin:4px 0 2px;font-size:30px;font-weight:700;letter-spacing:-.02em;line-height:1.15;
font-variant-numeric:tabular-nums}
.panel.small>p.help{margin:0}
.empty{margin:6px 0 0;padding:10px 12px;background:var(--ground);border-radius:6px;color:var(--soft);
font-size:13px}
.small .empty{padding:0;background:none;font-size:12px}
.panel .empty.gap{padding:8px 10px;background:var(--warn-ground);color:var(--warn)}
svg{display:block;width:100%;height:auto;font-family:inherit}
.legend{display:flex;flex-wrap:wrap;gap:3px 16px;margin:8px 0 0;padding:0;list-style:none;font-size:12px}
.legend i,.dot{display:inline-block;width:10px;height:10px;margin-right:6px;border-radius:3px}
.scroll{overflow-x:auto}
table{width:100%;border-collapse:collapse;font-size:12.5px}
th,td{padding:5px 10px 5px 0;text-align:left;vertical-align:top;border-bottom:1px solid var(--line)}
th{color:var(--soft);font-weight:600;white-space:nowrap}
td{white-space:pre-line}td.w{overflow-wrap:anywhere}
td.t{white-space:nowrap;font-variant-numeric:tabular-nums}
td.n,th.n{text-align:right;padding-right:20px;font-variant-numeric:tabular-nums;white-space:nowrap}
td small{display:block;color:var(--soft);font-size:11px}
tr:last-child td{border-bottom:0}
table.bars td{border:0;padding:3px 8px 3px 0}table.bars td.l{width:42%;overflow-wrap:anywhere}
table.bars td.b{width:44%}
table.bars svg{height:12px;margin-top:4px}
.donut{display:flex;align-items:center;gap:18px;flex-wrap:wrap}.donut svg{flex:0 0 150px;width:150px}
.donut table{flex:1 1 150px;width:auto}
details.figures{margin-top:8px;font-size:12px;color:var(--soft)}details.figures summary{cursor:pointer}
.more{margin:8px 0 0;color:var(--soft);font-size:12px}
footer{padding:26px 24px 40px;color:var(--soft);font-size:12px}
@media(max-width:900px){.panel{grid-column:1/-1!important}.panel.small{grid-column:span 24!important}}
@media print{@page{size:A4 landscape;margin:11mm}body{background:#fff;font-size:11px}
nav,details.figures{display:none}
section.view{break-before:page}section.view:first-of-type{break-before:auto}
.panel{break-inside:avoid;border-color:#ccd3dd}.panel.long{break-inside:auto}
thead{display:table-header-group}
tr{break-inside:avoid}header,main,footer{max-width:none;padding-left:0;padding-right:0}
*{-webkit-print-color-adjust:exact;print-color-adjust:exact}}
"""
