"""Events and facts for reports, ordinary and awkward ones."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from atlaslens_forwarder.evidence.pdf.facts import (
    GapFact,
    Hole,
    IndexFact,
    KeyFact,
    ReportFacts,
    SourceCoverage,
)
from atlaslens_forwarder.model.time import DAY_MS, HOUR_MS, iso_ms, parse_iso_ms

if TYPE_CHECKING:
    from atlaslens_forwarder.model.json import JsonObject

FROM_MS = parse_iso_ms("2026-01-01T00:00:00Z")
TO_MS = FROM_MS + 90 * DAY_MS
CREATED_MS = parse_iso_ms("2026-04-01T12:00:00Z")

PEOPLE = {
    "5b10ac8d82e05b22cc7d4ef5": "Zoë Ærøskøbing",
    "557058:2f1d0f2e-8d9a-4b8e-9a51-0c1f0a8b7d11": "Παναγιώτης Γεωργίου",
    "557058:7a2a7a55-1a1b-4c0d-8b2f-4e2fbb0f4a22": "Екатерина Смирнова",
    "70121:0c6f1fd4-6f6a-4d23-a2fd-3b2f5e8f8c33": "محمد علي الحسيني",
    "70121:1d7f2fe5-7a7b-4e34-b3ae-4c3a6f9a9d44": "שרה כהן",
    "712020:2e8a3af6-8b8c-4f45-84bf-5d4b7a0b0e55": "山田太郎",
    "712020:3f9b4b07-9c9d-4056-95c0-6e5c8b1c1f66": "김민준",
    "712020:4a0c5c18-0d0e-4167-a6d1-7f6d9c2d2a77": "สมชาย ใจดี",
    "712020:5b1d6d29-1e1f-4278-b7e2-8a7e0d3e3b88": "अमित क्षत्रिय",
    "712020:6c2e7e3a-2f20-4389-88f3-9b8f1e4f4c99": "Dana O’Neil 🎉",
}
ACTIONS = (
    ("user_added_to_group", "iam", True, "high"),
    ("permission_scheme_updated", "configuration", True, "high"),
    ("project_created", "configuration", False, "medium"),
    ("issue_commented", "configuration", False, "low"),
)


def sample_event(number: int, *, at_ms: int | None = None, **atlassian: object) -> JsonObject:
    """One event; a higher number is later."""
    ids = list(PEOPLE)
    actor, target = ids[number % len(ids)], ids[(number * 7 + 3) % len(ids)]
    action, category, permission_change, sensitivity = ACTIONS[number % 3 if number % 5 else 3]
    return {
        "@timestamp": iso_ms(FROM_MS + number * 1237 * 60 if at_ms is None else at_ms),
        "event": {
            "id": f"jira:audit:11111111-2222-3333-4444-555555555555:{number}",
            "action": action,
            "category": [category],
            "outcome": "unknown",
            "dataset": "atlassian.jira_audit",
        },
        "user": {
            "id": actor,
            "full_name": PEOPLE[actor],
            "target": {"id": target, "full_name": PEOPLE[target]},
        },
        "group": {"name": "jira-administrators", "id": "9d3b1c72-0000-4000-8000-2f1d0f2e8d9a"},
        "source": {"ip": f"203.0.113.{number % 250}"},
        "atlassian": {
            "pipeline": "audit",
            "product": ("jira", "confluence", "bitbucket")[number % 3],
            "site": "acme",
            "permission_change": permission_change,
            "sensitivity": sensitivity,
            "object": {"type": "project", "key": "OPS", "id": str(10_000 + number), "name": "Operations"},
            "change_summary": [f"role: Users → Administrators {number}"],
            **atlassian,
        },
        "message": f"User added to group: jira-administrators ({number})",
    }


def sample_facts(events: list[JsonObject], **changed: object) -> ReportFacts:
    """Facts that fit the events."""
    facts = ReportFacts(
        title="Security events",
        criteria=(
            ("view", "security"),
            ("users", "all"),
            ("groups", "jira-administrators (10 members at the time of export)"),
            ("products", "jira, confluence, bitbucket"),
        ),
        from_ms=FROM_MS,
        to_ms=TO_MS,
        count=len(events),
        repeated=0,
        first=str(events[0]["@timestamp"]) if events else None,
        last=str(events[-1]["@timestamp"]) if events else None,
        events_sha256="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        merkle_root="60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752",
        exported_by="auditor@archive-01",
        tool_version="0.1.0",
        cluster_name="atlaslens",
        cluster_uuid="jT7wYt0eQ8mCkz2qkq5rXA",
        indices=(
            IndexFact("atlaslens-audit-2026.01", "aGbF0b3RT2yJ9l8n2m1pZw", append_only=True),
            IndexFact("atlaslens-audit-2026.02", "b3JrU1FqTXiFsdfkJw91Qg", append_only=False),
        ),
        coverage=(
            SourceCoverage("acme:jira-audit", "complete", ((FROM_MS, TO_MS),)),
            SourceCoverage(
                "acme:confluence-audit",
                "holes",
                ((FROM_MS, FROM_MS + 40 * DAY_MS), (FROM_MS + 47 * DAY_MS, TO_MS)),
                (Hole(FROM_MS + 40 * DAY_MS, FROM_MS + 47 * DAY_MS, "expired: the token was not accepted"),),
            ),
            SourceCoverage(
                "acme:jira-issues",
                "provisional",
                ((FROM_MS, TO_MS - 12 * HOUR_MS),),
                note="the last 12 hours may still change: the search index of Jira lags behind",
            ),
        ),
        gaps=(
            GapFact(
                "sign-ins",
                "all",
                "sign-ins and sign-outs, failed ones, single sign-on",
                "in Guard only",
                "open",
            ),
            GapFact("views", "all", "who viewed an issue or a page", "no API tells it", "open"),
            GapFact("confluence-moves", "confluence", "page moves: from where, by whom", "", "open"),
        ),
        coverage_statement="1 of 3 sources is complete, 1 is provisional, 1 has holes.",
        warnings=("atlaslens-audit-2026.02 is not append-only: its events could be changed in the store",),
        key=KeyFact("2026-01-a", "SHA256:Qb1yC1m0nZrJH8mXvS0o9w0c4o6dR7b5a3e1f2g4h6i"),
    )
    return replace(facts, **changed)


def awkward_events() -> list[JsonObject]:
    """What breaks layouts: long words, long texts, many changes, both directions, no glyph, empty fields."""
    word = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 2
    long_text = " ".join(f"word{number}" for number in range(160))
    return [
        sample_event(0, object={"type": "page", "name": word, "key": "K" * 90, "id": "1"}),
        {**sample_event(1), "message": long_text},
        sample_event(
            2, change_summary=[f"field {number}: old{number} → new{number}" for number in range(200)]
        ),
        {**sample_event(3), "message": "Name: محمد علي (admin) 12 of שלום עולם, then latin again"},
        {
            **sample_event(4),
            "message": "hidden \u202ereversed\u202c, unknown \U00012345, bell \x07, tab\tend\r\nnew line",
        },
        {"@timestamp": iso_ms(FROM_MS + 5 * HOUR_MS), "event": {"id": "x"}},
        {**sample_event(5), "message": "日本語の長い文章は空白がないので、どこでも改行できるはずです。" * 6},
        {**sample_event(6), "message": "ภาษาไทยไม่มีช่องว่างระหว่างคำจึงต้องตัดบรรทัดอย่างระวัง" * 4},
        {**sample_event(7), "message": "नमस्ते दुनिया यह एक परीक्षण है " * 6},
        {**sample_event(8), "message": "family 👨‍👩‍👧 thumbs 👍🏽 flag 🇩🇪 ☎️ → ← ✔"},
        {**sample_event(9), "message": "مرحبا بالعالم هذا نص طويل باللغة العربية " * 5},
    ]
