"""The page of all rules, written from their files.

``python -m atlaslens_forwarder.detections.docs > docs/rules.md`` writes it anew.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.detections.catalogue import load_catalogue
from atlaslens_forwarder.detections.rule import Level, LookBack, Past, Scope, Threshold
from atlaslens_forwarder.model.time import DAY_MS, MINUTE_MS

if TYPE_CHECKING:
    from atlaslens_forwarder.detections.rule import Rule

_HEAD: Final = """\
# Rules

<!-- Written by `python -m atlaslens_forwarder.detections.docs`; a test fails when it differs. -->

Detections for Atlassian Cloud in the format of [Sigma](https://sigmahq.io/), in `alerting/rules/`. Each
has a level, tags of MITRE ATT&CK, known false positives, a runbook (below) and, in `alerting/samples/`,
events that must alert and events that must not. `rules test` runs all samples with the real queries on an
OpenSearch; `rules replay` shows what would have alerted in the past; `rules list` checks every file and
names what is wrong with it by file and line.

## How a rule is written

A file holds a Sigma rule over the fields of [fields.md](fields.md) (`logsource`: product `atlassian`,
service `audit` for `atlaslens-audit-*` or `events` for the alias `atlaslens-events`). Supported are equal
values, lists, `contains`, `startswith`, `endswith`, `cidr`, `fieldref`, `all` after one of them, `null`,
and conditions with `and`, `or`, `not`, parentheses, `1 of` and `all of`. As in Sigma, case does not
matter, for ASCII letters. Fields of type text or date, wildcards in values, fields that do not exist and
actions that [actions.md](actions.md) does not list are errors.

| Kind | How it is written | What it means |
|---|---|---|
| match | a Sigma rule | one alert for each event |
| threshold | a second document: a Sigma correlation | one alert when a group reaches the number |
| first-time | `atlaslens.look_back` | one alert when the like was not seen of `by` in `period` |
| dormant | likewise, with `quiet` | one alert when `by` was seen in `period`, but not in `quiet` |

Correlations are `event_count`, or `value_count` of a field, with `group-by` and `timespan`; a group
alerts again only after its number has fallen below. Sigma has no word for looking back, so that stands
under `atlaslens`, as the runbook does.

Who gave themselves a permission is a plain match: `fieldref` compares actor and affected user. Accounts
are compared as the logs name them: Jira's legacy keys through `atlassian.author_key`, Confluence's
affected people by name only.

## Who evaluates them

**OpenSearch Alerting**, where it is installed: `setup` puts a monitor for each rule there
(`alerting/monitors/`, made from the rules by `make monitors`), finds them by name when it runs again, and
tells what differs (`setup --check`). Whether a monitor is switched on stays your choice. With
`ATLASLENS_ALERTS__CHANNEL_ID` they send to that notifications channel, throttled; without it alerts are
only shown. Messages name person, action, object and link, never an e-mail address. Windows go by
`event.ingested` and overlap by 5 minutes; what the first backfill brought is left out. Monitors are
coarser than the forwarder's own evaluation: thresholds count over the timespan and the 15 minutes that
sources may be late; look-back rules run hourly and do not know whether the past was read.

OpenSearch compiles each query and message once, 75 in 5 minutes by default: where a dozen monitors first fire
at once, some report "Failed to compile inline script" and do it at their next run
(`script.context.template.max_compilations_rate`).

**The forwarder itself**, where it is not (`ATLASLENS_ALERTS__EVALUATE`: `auto`, `always`, `never`): after
each round that stored something, and every 5 minutes, it asks the same queries for everything stored
since the last time and 5 minutes before (7 days at most), and remembers in `atlaslens-state` how far it
came. What the first backfill brought never alerts. Look-back rules wait until the time before an event
was read (`atlaslens_alerts_without_history_total` counts what they could not judge). No source waits for
any of this.

An alert is a document in `atlaslens-alerts`. Its id is a function of the rule and the event at which it
fired: restarts and overlaps make no second one. A late event in the middle of a burst may. The index is
updatable, since the state of delivery changes; the events that it names are append-only. Alerts are
removed 31 days after the retention.

## The webhook

With `ATLASLENS_ALERTS__WEBHOOK_URL` and `…_SECRET` each new alert is sent as `POST` with a JSON body:
`version` (1), `id`, `text` (one line for people) and `alert` (the document).

| Header | Content |
|---|---|
| `Atlaslens-Alert` | id of the alert, the same in every try: drop what you have |
| `Atlaslens-Timestamp` | seconds since 1970; refuse what is minutes old |
| `Atlaslens-Signature` | `v1=` and HMAC-SHA-256 of timestamp, a full stop and the body, in hexadecimal |

Anything but 2xx is tried again after 5 seconds, then twice as long each time up to an hour, 20 times.
Then `delivery.state` is `dead`: the alert stays in the index with the reason. Redirects are not followed.

## All rules

| Rule | Level | Kind | MITRE ATT&CK | What |
|---|---|---|---|---|
"""
_LEVELS: Final = list(reversed(Level))


def rules_page() -> str:
    """The whole text of ``docs/rules.md``."""
    rules = sorted(load_catalogue().rules.values(), key=lambda rule: (_LEVELS.index(rule.level), rule.name))
    lines = [
        f"| [`{name}`](#{name}) | {rule.level.value} | {rule.kind} | {_mitre(rule)} | {rule.title} |"
        for name, rule in ((rule.name, rule) for rule in rules)
    ]
    return _HEAD + "\n".join(lines) + "\n" + "".join(_section(rule) for rule in rules)


def _section(rule: Rule) -> str:
    lines = [f"\n## {rule.name}\n", f"**{rule.title}** ({rule.level.value}). {rule.description}\n"]
    if how := _how(rule):
        lines.append(f"{how}\n")
    lines.append("False positives: " + "; ".join(rule.false_positives) + ".\n")
    lines.append(f"Runbook:\n\n{rule.runbook}")
    return "\n".join(lines) + "\n"


def _mitre(rule: Rule) -> str:
    tags = [tag.removeprefix("attack.") for tag in rule.tags]
    return ", ".join(tag.upper() for tag in tags if tag[1:5].isdigit()) or "–"


def _how(rule: Rule) -> str:
    where = " Also looks at everyday activity." if rule.scope is Scope.EVERYTHING else ""
    match rule.when:
        case Threshold(at_least, by, span_ms, field):
            what = f"{at_least} different values of `{field}`" if field else f"{at_least} events"
            return f"Alerts at {what} within {span_ms // MINUTE_MS} minutes for one {_codes(by)}.{where}"
        case LookBack(Past.FIRST_TIME, by, period_ms):
            return f"Alerts when {_codes(by)} did not so in {period_ms // DAY_MS} days before.{where}"
        case LookBack(Past.DORMANT, by, period_ms, quiet_ms):
            return (
                f"Alerts when {_codes(by)} was seen in the {period_ms // DAY_MS} days before, "
                f"but not in the last {quiet_ms // DAY_MS}.{where}"
            )
        case _:
            return where.strip()


def _codes(names: tuple[str, ...]) -> str:
    return " with ".join(f"`{name}`" for name in names)


if __name__ == "__main__":
    sys.stdout.write(rules_page())
