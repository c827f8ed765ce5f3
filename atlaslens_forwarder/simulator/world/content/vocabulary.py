"""Words of the invented pages and comments; several scripts, and some e-mail addresses for privacy tests."""

from __future__ import annotations

from typing import Final

TITLES: Final = (
    "Runbook: failover of the payment queue",
    "Onboarding Łódź office",
    "Retrospektive – Größe der Releases",
    "障害対応手順",
    "Access review, who may see what",
    "План переезда",
    "Escalation contacts (oncall@acme.example)",
    "Budget draft",
    "Architecture decision: event store",
    "دليل المناوبة",
    "Vendor assessment & follow-ups",
    "How we name things",
)
POSTS: Final = (
    "What shipped this week",
    "新しいオフィスについて",
    "Winter hours",
    "Thanks to everybody who helped on Saturday",
)
REMARKS: Final = (
    "Is this still true?",
    "Please ask legal@acme.example before sharing.",
    "Поправил цифры.",
    "Done, see the next section.",
    "ここは古いです。",
    "Wer pflegt das?",
)
MESSAGES: Final = (
    "",
    "",
    "",
    "",
    "Typos",
    "Reviewed with finance",
    "更新",
    "Reverted, asked by kofi.amankwah@customer.example",
)
SELECTIONS: Final = ("failover", "the second step", "Größe", "手順")
