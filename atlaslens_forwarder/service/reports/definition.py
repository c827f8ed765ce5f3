"""The file of scheduled reports: checked whole, each fault told with its line."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from atlaslens_forwarder import private_file
from atlaslens_forwarder.detections.located import read_documents
from atlaslens_forwarder.errors import ConfigError
from atlaslens_forwarder.evidence.filters import Known, View, make_filter
from atlaslens_forwarder.evidence.layout import ReportFormat
from atlaslens_forwarder.evidence.staging import ZIP_SUFFIX
from atlaslens_forwarder.model.time import DAY_MS, MINUTE_MS
from atlaslens_forwarder.normalise.actions.known import ACTION_NAMES, PRODUCTS
from atlaslens_forwarder.service.reports.calendar import Every, Schedule

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from atlaslens_forwarder.detections.located import Located
    from atlaslens_forwarder.evidence.filters import ExportFilter
    from atlaslens_forwarder.service.reports.calendar import Period

HINT: Final = "see docs/reports.md"
WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
LAST_DAY: Final = 28
"""The latest day of a month on which a report can be made, since every month has it."""
USUAL_TIME: Final = "06:00"
LISTS: Final = ("users", "groups", "actions", "products", "sites", "objects", "ips", "sensitivities")
_NAME = re.compile(r"[a-z][a-z0-9-]{0,63}", re.ASCII)
_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)", re.ASCII)
_KEYS = ("title", "every", "at", "weekday", "day", "filter", "formats", "container", "keep", "keep_days")
_ANY_TIME: Final[Mapping[str, Any]] = {"from_text": "2000-01-01", "to_text": "2000-01-01"}
_CONTAINERS = {"zip": ZIP_SUFFIX, "folder": ""}


@dataclass(frozen=True, slots=True)
class Report:
    """A report as it was defined; of ``filter`` all holds but its interval.

    ``keep`` is how many of its bundles are kept, ``keep_days`` for how many days after the end of the period;
    None keeps all.
    """

    name: str
    title: str
    schedule: Schedule
    filter: ExportFilter
    formats: tuple[ReportFormat, ...]
    suffix: str
    keep: int | None
    keep_days: int | None

    def wanted(self, period: Period) -> ExportFilter:
        """What the bundle of a period holds."""
        return replace(self.filter, from_ms=period.from_ms, to_ms=period.to_ms)

    def file_name(self, period: Period) -> str:
        """The bundle's name in the folder."""
        return f"{self.name}-{period.name}{self.suffix}"


def load_reports(path: Path | None) -> dict[str, Report]:
    """The reports of the file by name; none where no file is set.

    Raises:
        ConfigError: the file cannot be read, or is wrong somewhere: one line with file and line.
    """
    if path is None:
        return {}
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: is not UTF-8", hint=HINT) from None
    except OSError as error:
        raise private_file.unusable("read", "file of reports", path, error) from error
    return parse_reports(str(path), text)


def parse_reports(file: str, text: str) -> dict[str, Report]:
    """The reports in the text of a file.

    Raises:
        ConfigError: it is wrong somewhere: one line with file and line.
    """
    documents = list(read_documents(file, text, HINT))
    if len(documents) != 1:
        raise ConfigError(f"{file}:1: must be one document with the key reports", hint=HINT)
    top = _items(documents[0], ("reports",))
    if "reports" not in top:
        raise documents[0].wrong("has no reports")
    return {name: _report(name, part) for name, part in top["reports"].items().items()}


def _report(name: str, part: Located) -> Report:
    if not _NAME.fullmatch(name):
        raise part.wrong("the name of a report is small letters, digits and hyphens, at most 64")
    items = _items(part, _KEYS)
    if "every" not in items:
        raise part.wrong(f"{name} does not say every: {', '.join(Every)}")
    return Report(
        name,
        items["title"].text() if "title" in items else name,
        _schedule(items),
        _filter(items["filter"]) if "filter" in items else make_filter(view=View.SECURITY, **_ANY_TIME),
        tuple(ReportFormat(_choice(each, [*ReportFormat])) for each in items["formats"].parts())
        if "formats" in items
        else (ReportFormat.CSV,),
        _CONTAINERS[_choice(items["container"], _CONTAINERS)] if "container" in items else ZIP_SUFFIX,
        _number(items, "keep", 1, 100_000),
        _number(items, "keep_days", 1, 36_500),
    )


def _schedule(items: Mapping[str, Located]) -> Schedule:
    every = Every(_choice(items["every"], [*Every]))
    at = str(items["at"].node.value) if "at" in items else USUAL_TIME  # YAML 1.1 reads 06:00 as a number
    match = _TIME.fullmatch(at)
    if match is None:
        raise items["at"].wrong("is no time of day in UTC such as 06:00")
    days = 0
    for key, owner in (("weekday", Every.WEEKLY), ("day", Every.MONTHLY)):
        if key in items and every is not owner:
            raise items[key].wrong(f"{key} belongs to {owner.value} reports")
    if "weekday" in items:
        days = WEEKDAYS.index(_choice(items["weekday"], WEEKDAYS))
    elif "day" in items:
        days = (_number(items, "day", 1, LAST_DAY) or 1) - 1
    return Schedule(every, days * DAY_MS + (int(match[1]) * 60 + int(match[2])) * MINUTE_MS)


def _filter(part: Located) -> ExportFilter:
    """The filter, each of its keys judged by itself first, so that a fault has its line."""
    items = _items(part, ("view", "permission_changes", *LISTS))
    chosen: dict[str, Any] = {"view": View.SECURITY.value}
    for key, item in items.items():
        value = _flag(item) if key == "permission_changes" else item.texts() if key in LISTS else item.text()
        chosen[key] = value
        _made(item, {"view": View.SECURITY.value, key: value}, key)
    return _made(part, chosen, "view")


def _made(part: Located, chosen: dict[str, Any], key: str) -> ExportFilter:
    try:
        return make_filter(**chosen, **_ANY_TIME, known=Known(actions=ACTION_NAMES, products=PRODUCTS))
    except ConfigError as error:
        told = error.message.partition(" ")[2]  # it begins with the option of export, which nobody typed
        raise part.wrong(f"{key} {told} ({error.hint})") from None


def _items(part: Located, known: Collection[str]) -> dict[str, Located]:
    items = part.items()
    for key, item in items.items():
        if key not in known:
            raise item.wrong(f"{key} is not known here; known are {', '.join(known)}")
    return items


def _choice(part: Located, known: Collection[str]) -> str:
    value = part.text()
    if value not in known:
        raise part.wrong(f"{value} is not known; known are {', '.join(known)}")
    return value


def _flag(part: Located) -> bool:
    value = part.value()
    if not isinstance(value, bool):
        raise part.wrong("must be true or false")
    return value


def _number(items: Mapping[str, Located], key: str, least: int, most: int) -> int | None:
    if key not in items:
        return None
    value = items[key].value()
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise items[key].wrong(f"{key} must be a whole number from {least} to {most}")
    return value
