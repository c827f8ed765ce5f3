"""One event as the cells of the report's table. Pure.

A cell is a list of paragraphs; a dim one explains the one above it (an id, a site, a flag). Names are those
that the event itself holds; e-mail addresses are in no event.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from atlaslens_forwarder.evidence.fields import TIME_PATH, texts_at, values_at
from atlaslens_forwarder.evidence.filters import ACTION_PATH, PRODUCT_PATH

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from atlaslens_forwarder.model.json import JsonObject, JsonValue


class Paragraph(NamedTuple):
    """A text of a cell, and whether it only explains."""

    text: str
    dim: bool = False


Cell = list[Paragraph]

_FLAGS: Final = (
    ("atlassian.permission_change", "permission change"),
    ("atlassian.late", "found late"),
    ("atlassian.derived", "inferred by comparison"),
    ("atlassian.undated", "time not credible"),
)
_NAMED_ELSEWHERE: Final = frozenset(("group", "user"))


def cells_of(event: JsonObject, row: int, visible: Callable[[str], str]) -> list[Cell]:
    """The cells of one event in the order of the table's columns.

    ``row`` is its line in ``events.jsonl``, counted from 1; ``visible`` makes a text drawable.

    Raises:
        ValueError: a value has no canonical form.
    """
    return [
        [Paragraph(visible(text), dim) for text, dim in paragraphs if text]
        for paragraphs in (
            _time(event, row),
            _product(event),
            _action(event),
            _actor(event),
            _target(event),
            ((text, False) for text in texts_at(event, "atlassian.change_summary")),
            ((text, False) for text in texts_at(event, "source.ip") or texts_at(event, "source.address")),
            ((text, False) for text in texts_at(event, "message")),
        )
    ]


def _time(event: JsonObject, row: int) -> Iterator[tuple[str, bool]]:
    for text in texts_at(event, TIME_PATH):
        day, _, clock = text.partition("T")
        yield day, False
        yield clock.removesuffix("Z"), False
    yield f"row {row}", True


def _product(event: JsonObject) -> Iterator[tuple[str, bool]]:
    yield ", ".join(texts_at(event, PRODUCT_PATH)), False
    yield ", ".join(texts_at(event, "atlassian.site")), True


def _action(event: JsonObject) -> Iterator[tuple[str, bool]]:
    yield ", ".join(texts_at(event, ACTION_PATH)), False
    notes = [f"sensitivity {text}" for text in texts_at(event, "atlassian.sensitivity")]
    notes += [words for path, words in _FLAGS if values_at(event, path) == [True]]
    notes += [f"outcome {text}" for text in texts_at(event, "event.outcome") if text != "unknown"]
    yield ", ".join(notes), True


def _actor(event: JsonObject) -> Iterator[tuple[str, bool]]:
    names, ids = texts_at(event, "user.full_name"), texts_at(event, "user.id")
    authors, author_ids = texts_at(event, "atlassian.author.name"), texts_at(event, "atlassian.author.id")
    if names or ids:
        yield from _people(names, ids)
    elif authors or author_ids:
        yield from _people(authors, author_ids)
        yield "author, as signed", True
    else:
        kinds = ", ".join(texts_at(event, "atlassian.actor_kind"))
        yield (f"({kinds}, not named)" if kinds else "(not stated)"), True
    if values_at(event, "atlassian.external_collaborator") == [True]:
        yield "external collaborator", True


def _people(names: Sequence[str], ids: Sequence[str]) -> Iterator[tuple[str, bool]]:
    """Names, each with its id where there are as many; a person without a name is shown by id."""
    if len(names) == len(ids):
        for name, person in zip(names, ids, strict=True):
            yield name, False
            yield (person if person != name else ""), True
    else:
        yield from ((name, False) for name in names)
        yield from ((person, bool(names)) for person in ids)


def _target(event: JsonObject) -> Iterator[tuple[str, bool]]:
    names = texts_at(event, "user.target.full_name") or texts_at(event, "user.target.name")
    yield from _people(names, texts_at(event, "user.target.id"))
    groups = texts_at(event, "group.name")
    yield from ((f"group {name}", False) for name in groups)
    yield from ((text, True) for text in texts_at(event, "group.id"))
    shown = {*names, *groups, *texts_at(event, "user.target.id")}
    for path in ("atlassian.object", "atlassian.associated", "atlassian.work_item"):
        for thing in values_at(event, path):
            if isinstance(thing, dict):
                yield from _thing(thing, shown)


def _thing(thing: JsonObject, shown: set[str]) -> Iterator[tuple[str, bool]]:
    """An object of the product; nothing where person or group already say it."""
    name, kind = _text(thing, "name"), _text(thing, "type")
    if kind in _NAMED_ELSEWHERE and (name or _text(thing, "id")) in shown:
        return
    key = _text(thing, "key")
    title = name or key or _text(thing, "id")
    yield f"{kind} {title}".strip(), False
    details = [text for text in (_text(thing, "kind"), key, _text(thing, "id")) if text and text != title]
    container = _text(thing, "container")
    yield ", ".join([*details, *([f"in {container}"] if container else [])]), True


def _text(thing: JsonObject, key: str) -> str:
    value: JsonValue = thing.get(key)
    return "" if value is None else ", ".join(texts_at(thing, key))
