"""docs/security.md has every role with all its rights, every part, and the rules for passwords."""

from __future__ import annotations

from pathlib import Path

from atlaslens_forwarder.provision.security.passwords import LEAST_SCORE, LONGEST_BYTES, ROUNDS, SHORTEST
from atlaslens_forwarder.provision.security.roles import ROLES, SERVICE_ROLES
from atlaslens_forwarder.service.store_access import Account

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "security.md").read_text(encoding="utf-8")


def code(names):
    return ", ".join(f"`{name}`" for name in names)


def section(role):
    """A role as the page must have it."""
    rows = [("cluster", code(role.cluster))]
    rows += [(code(part.patterns), code(part.actions)) for part in role.indices]
    rows += [("Dashboards, global tenant", f"`{role.tenant}`")] if role.tenant else []
    table = "".join(f"| {where} | {allowed} |\n" for where, allowed in rows)
    return f"### `{role.name}`\n\n{role.purpose}\n\n| Where | Allowed |\n|---|---|\n{table}"


def test_every_role_stands_there_with_all_its_rights():
    roles = PAGE[PAGE.index("\n### ") + 1 :]

    assert roles == "\n".join(section(role) for role in ROLES)


def test_every_part_has_its_account():
    assert {role.name for role in SERVICE_ROLES} == {f"atlaslens-{account.value}" for account in Account}
    for account in Account:
        assert f"| {account.value} | `atlaslens-{account.value}` |" in PAGE


def test_the_rules_for_passwords_are_those_of_the_code():
    assert f"At least {SHORTEST} characters, at most {LONGEST_BYTES} bytes" in PAGE
    assert f"score {LEAST_SCORE} of 4" in PAGE
    assert f"bcrypt hash ({ROUNDS} rounds)" in PAGE
