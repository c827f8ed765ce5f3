"""What the table says of an event."""

from __future__ import annotations

from typing import TYPE_CHECKING

from atlaslens_forwarder.evidence.pdf.rows import Paragraph, cells_of
from atlaslens_forwarder.evidence.pdf.visible import Visible
from tests.unit.evidence.pdf.made_reports import sample_event

if TYPE_CHECKING:
    from atlaslens_forwarder.model.json import JsonObject


def cells(event: JsonObject) -> list[list[tuple[str, bool]]]:
    return [[tuple(text) for text in cell] for cell in cells_of(event, 7, str)]


def test_an_event_fills_every_column() -> None:
    time, product, action, who, target, change, address, message = cells(sample_event(1, late=True))
    assert time == [("2026-01-01", False), ("00:01:14.220", False), ("row 7", True)]
    assert product == [("confluence", False), ("acme", True)]
    assert action == [
        ("permission_scheme_updated", False),
        ("sensitivity high, permission change, found late", True),
    ]
    assert who == [("Παναγιώτης Γεωργίου", False), ("557058:2f1d0f2e-8d9a-4b8e-9a51-0c1f0a8b7d11", True)]
    assert target == [
        ("Zoë Ærøskøbing", False),
        ("5b10ac8d82e05b22cc7d4ef5", True),
        ("group jira-administrators", False),
        ("9d3b1c72-0000-4000-8000-2f1d0f2e8d9a", True),
        ("project Operations", False),
        ("OPS, 10001", True),
    ]
    assert change == [("role: Users → Administrators 1", False)]
    assert address == [("203.0.113.1", False)]
    assert message == [("User added to group: jira-administrators (1)", False)]


def test_who_is_never_guessed() -> None:
    base: JsonObject = {"@timestamp": "2026-01-01T00:00:00.000Z"}
    assert cells(base)[3] == [("(not stated)", True)]
    assert cells({**base, "atlassian": {"actor_kind": "system"}})[3] == [("(system, not named)", True)]
    assert cells({**base, "atlassian": {"author": {"name": "Ada"}}})[3] == [
        ("Ada", False),
        ("author, as signed", True),
    ]
    assert cells({**base, "user": {"id": "1"}})[3] == [("1", False)]
    assert cells(
        {**base, "user": {"id": "1", "full_name": "Ada"}, "atlassian": {"external_collaborator": True}}
    )[3] == [("Ada", False), ("1", True), ("external collaborator", True)]


def test_several_targets_and_things_are_all_named_once() -> None:
    event: JsonObject = {
        "@timestamp": "2026-01-01T00:00:00.000Z",
        "user": {"target": {"id": ["1", "2"], "name": ["Ada"]}},
        "group": {"name": "admins"},
        "atlassian": {
            "object": {"type": "group", "name": "admins"},
            "associated": [
                {"type": "user", "id": "1"},
                {"type": "project", "name": "Ops", "id": "3", "container": "acme"},
            ],
            "work_item": {"type": "issue", "key": "OPS-1", "name": "Broken", "kind": "Bug"},
        },
    }
    assert cells(event)[4] == [
        *(("Ada", False), ("1", True), ("2", True)),
        ("group admins", False),
        *(("project Ops", False), ("3, in acme", True)),
        *(("issue Broken", False), ("Bug, OPS-1", True)),
    ]


def test_texts_are_made_visible() -> None:
    shown = Visible(lambda char: char != "\u4e00")
    event: JsonObject = {
        "@timestamp": "2026-01-01T00:00:00.000Z",
        "message": "a\u4e00\u202e\tb\r\nc\u200dd\u00a0e",
    }
    assert cells_of(event, 1, shown)[7] == [Paragraph("a[U+4E00][U+202E]    b\nc\u200dd e")]


def test_other_addresses_are_shown_as_the_row_writes_them() -> None:
    assert cells({"@timestamp": "2026-01-01T00:00:00.000Z", "source": {"address": "proxy"}})[6] == [
        ("proxy", False)
    ]
