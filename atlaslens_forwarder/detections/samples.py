"""Samples of rules: events that must alert, and events that must not. Pure.

``alerting/samples/NAME.yml`` holds ``positive`` and ``negative``: lists of cases, each with a ``name``,
``events`` and perhaps ``history`` (events of long before, which never alert themselves). An event names
fields by their full path; ``ago`` says how long ago it happened (``5m``), ``times`` repeats it, each a
second after the one before; ``{n}`` in a value is the number of the repetition.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from atlaslens_forwarder.detections.located import HINT, read_documents
from atlaslens_forwarder.detections.reader import span_ms
from atlaslens_forwarder.errors import ConfigError
from atlaslens_forwarder.model.time import SECOND_MS, iso_ms

if TYPE_CHECKING:
    from collections.abc import Iterator

    from atlaslens_forwarder.detections.located import Located
    from atlaslens_forwarder.detections.selection import Vocabulary
    from atlaslens_forwarder.model.json import JsonObject

_KEYS = frozenset({"name", "events", "history", "alerts"})


@dataclass(frozen=True, slots=True)
class Sample:
    """One case of one rule."""

    rule: str
    name: str
    positive: bool
    alerts: int
    """How many alerts it must give."""
    events: tuple[Located, ...]
    history: tuple[Located, ...]

    def documents(self, now_ms: int) -> list[JsonObject]:
        """The events as they would be stored, those of the past marked as read by the backfill."""
        made = [*_made(self.history, now_ms, old=True), *_made(self.events, now_ms, old=False)]
        for number, event in enumerate(made):
            event["event"] = {**_object(event.get("event")), "id": f"{self.rule}:{self.name}:{number}"}
        return made


def read_samples(file: str, text: str, words: Vocabulary) -> list[Sample]:
    """The cases of a file.

    Raises:
        ConfigError: file, line, and what is wrong.
    """
    documents = list(read_documents(file, text))
    if len(documents) != 1:
        raise ConfigError(f"{file}:1: holds {len(documents)} documents instead of one", hint=HINT)
    found: list[Sample] = []
    rule = file.rpartition("/")[2].removesuffix(".yml")
    for key, cases in documents[0].items().items():
        if key not in {"positive", "negative"}:
            raise cases.wrong(f"unknown key {key}")
        found += [_sample(rule, case, words, positive=key == "positive") for case in cases.parts()]
    for positive in (True, False):
        if not any(sample.positive is positive for sample in found):
            raise documents[0].wrong(f"there is no {'positive' if positive else 'negative'} sample")
    return found


def _sample(rule: str, case: Located, words: Vocabulary, *, positive: bool) -> Sample:
    items = case.items()
    for key, part in items.items():
        if key not in _KEYS:
            raise part.wrong(f"unknown key {key}")
    for key in ("name", "events"):
        if key not in items:
            raise case.wrong(f"{key} is missing")
    alerts = items["alerts"].value() if "alerts" in items else int(positive)
    events = tuple(items["events"].parts())
    history = tuple(items["history"].parts()) if "history" in items else ()
    for event in (*events, *history):
        for path, value in event.items().items():
            if path in {"ago", "times"}:
                continue
            words.checked_field(path, value)
            if path == "event.action" and value.text() not in words.actions:
                raise value.wrong(f"{value.text()} is no action (docs/actions.md)")
    return Sample(rule, items["name"].text(), positive, int(alerts), events, history)


def _made(events: tuple[Located, ...], now_ms: int, *, old: bool) -> Iterator[JsonObject]:
    for event in events:
        items = event.items()
        times = int(items.pop("times").value()) if "times" in items else 1
        ago = items.pop("ago") if "ago" in items else None
        at_ms = now_ms - (span_ms(ago) if ago is not None else 60 * SECOND_MS)
        for number in range(times):
            moment = iso_ms(at_ms + number * SECOND_MS)
            document: JsonObject = {"@timestamp": moment}
            _put(document, "event.ingested", iso_ms(now_ms - SECOND_MS))
            _put(document, "atlassian.backfilled", old)
            for path, value in items.items():
                _put(document, path, _numbered(value.value(), number))
            yield document


def _numbered(value: Any, number: int) -> Any:
    if isinstance(value, list):
        return [_numbered(part, number) for part in value]
    return value.replace("{n}", str(number)) if isinstance(value, str) else value


def _put(document: JsonObject, path: str, value: Any) -> None:
    *parents, leaf = path.split(".")
    part: dict[str, Any] = document
    for parent in parents:
        part = part.setdefault(parent, {})
    part[leaf] = value


def _object(value: Any) -> JsonObject:
    return value if isinstance(value, dict) else {}
