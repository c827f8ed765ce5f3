"""Compares roles, mappings and accounts as we want them with what the plugin has. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from atlaslens_forwarder.provision.plan import Action, Kind, PlanItem
from atlaslens_forwarder.provision.security.roles import ROLES, SERVICE_ROLES

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from atlaslens_forwarder.model.json import JsonObject, JsonValue
    from atlaslens_forwarder.provision.security.roles import Role


def security_items(
    roles: Mapping[str, JsonObject],
    mappings: Mapping[str, JsonObject],
    users: Mapping[str, JsonObject],
    *,
    renew: Collection[str] = (),
) -> tuple[PlanItem, ...]:
    """What would be done, in this order; ``renew`` names roles whose account gets a new password."""
    return (
        *(_role(role, roles.get(role.name)) for role in ROLES),
        *(_mapping(role, mappings.get(role.name)) for role in ROLES),
        *(_account(role, users.get(role.name), role.name in renew) for role in SERVICE_ROLES),
    )


def _role(role: Role, found: JsonObject | None) -> PlanItem:
    if found is None:
        return PlanItem(Kind.ROLE, role.name, Action.CREATE, body=role.body())
    if _foreign(found):
        return _refused(Kind.ROLE, role.name)
    wanted = _rights(role.body())
    there = _rights(found)
    diff = (
        *(f"{line}: –" for line in sorted(there - wanted)),
        *(f"{line}: +" for line in sorted(wanted - there)),
    )
    if not diff:
        return PlanItem(Kind.ROLE, role.name, Action.UNCHANGED)
    return PlanItem(Kind.ROLE, role.name, Action.UPDATE, diff=diff, body=role.body())


def _mapping(role: Role, found: JsonObject | None) -> PlanItem:
    """Whoever else was given the role (a certificate's name, a directory's group) keeps it."""
    there = found or {}
    if _foreign(there):
        return _refused(Kind.ROLE_MAPPING, role.name)
    users = _texts(there.get("users"))
    backend_roles = _texts(there.get("backend_roles"))
    body: JsonObject = {
        "users": [*users, *([] if role.personal or role.name in users else [role.name])],
        "backend_roles": [*backend_roles, *([] if role.name in backend_roles else [role.name])],
        "hosts": [*_texts(there.get("hosts"))],
        "and_backend_roles": [*_texts(there.get("and_backend_roles"))],
    }
    if found is None:
        return PlanItem(Kind.ROLE_MAPPING, role.name, Action.CREATE, body=body)
    diff = tuple(
        f"{part}: + {role.name}"
        for part, before in (("users", users), ("backend_roles", backend_roles))
        if body[part] != [*before]
    )
    if not diff:
        return PlanItem(Kind.ROLE_MAPPING, role.name, Action.UNCHANGED)
    return PlanItem(Kind.ROLE_MAPPING, role.name, Action.UPDATE, diff=diff, body=body)


def _account(role: Role, found: JsonObject | None, renewed: bool) -> PlanItem:  # noqa: FBT001  internal
    if found is None:
        return PlanItem(Kind.ACCOUNT, role.name, Action.CREATE, role.purpose)
    if _foreign(found):
        return _refused(Kind.ACCOUNT, role.name)
    if renewed:
        return PlanItem(Kind.ACCOUNT, role.name, Action.UPDATE, "gets a new password")
    return PlanItem(Kind.ACCOUNT, role.name, Action.UNCHANGED)


def _refused(kind: Kind, name: str) -> PlanItem:
    return PlanItem(
        kind, name, Action.REFUSE, "is reserved in OpenSearch's own configuration: remove it there"
    )


def _foreign(found: JsonObject) -> bool:
    return any(found.get(mark) is True for mark in ("reserved", "hidden", "static"))


def _rights(body: JsonObject) -> set[str]:
    """Every single right of a role as a line, so that neither order nor grouping counts."""
    lines = {f"cluster {action}" for action in _texts(body.get("cluster_permissions"))}
    for kind, names in (("index", "index_patterns"), ("tenant", "tenant_patterns")):
        for part in _objects(body.get(f"{kind}_permissions")):
            limits = "".join(
                f" {limit}={part[limit]}" for limit in ("dls", "fls", "masked_fields") if part.get(limit)
            )
            lines |= {
                f"{kind} {name} {action}{limits}"
                for name in _texts(part.get(names))
                for action in _texts(part.get("allowed_actions"))
            }
    return lines


def _objects(value: JsonValue) -> Iterator[JsonObject]:
    yield from (part for part in (value if isinstance(value, list) else []) if isinstance(part, dict))


def _texts(value: JsonValue) -> list[str]:
    return [str(part) for part in value] if isinstance(value, list) else []
