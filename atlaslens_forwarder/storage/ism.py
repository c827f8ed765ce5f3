"""Attaches the retention policy to month indices, where the index management plugin is installed.

``ism_template`` does not attach a policy to an index whose creation date lies in the past, so each month is
added by name. The policy then acts with the roles of whoever added it: an account without
``indices:admin/delete`` looks attached and never deletes, which only ``explain`` shows (``problems``).
``explain`` searches, so it may miss for a second what was just added; ``add`` itself tells what it did.
https://docs.opensearch.org/latest/im-plugin/ism/api/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from atlaslens_forwarder.errors import StoreError
from atlaslens_forwarder.storage.errors import store_errors
from atlaslens_forwarder.storage.expiry import RETENTION_POLICY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from opensearchpy import AsyncOpenSearch

_POLICY_KEYS = ("index.plugins.index_state_management.policy_id", "policy_id")
_ALREADY = ("already has a policy", "document already exists")
"""The latter where somebody else, such as another window of ours, adds the same month at this moment."""
_NO_POLICY = "does not have a policy"
DELETING_STATE = "expired"
"""The state of the retention policy whose action deletes the index."""
_NAMES_PER_REQUEST = 50
"""Names go into the URL, which OpenSearch bounds at 4 KiB (``http.max_initial_line_length``)."""


async def attach_policy(client: AsyncOpenSearch, names: Sequence[str]) -> None:
    """Put the indices under the retention policy; those that are already stay as they are.

    Raises:
        StoreError: an index could not be put under it, or is under another policy.
        UnreachableError: OpenSearch does not answer, or refuses us.
    """
    for start in range(0, len(names), _NAMES_PER_REQUEST):
        part = names[start : start + _NAMES_PER_REQUEST]
        with store_errors(f"put months under the policy {RETENTION_POLICY}"):
            answer = await client.transport.perform_request(
                "POST", f"/_plugins/_ism/add/{','.join(part)}", body={"policy_id": RETENTION_POLICY}
            )
        managed, problem = read_added(answer, part)
        foreign = sorted(governed(await explain(client, managed)).items())
        foreign = [(name, policy) for name, policy in foreign if policy != RETENTION_POLICY]
        if foreign:
            problem = f"{foreign[0][0]} is under the policy {foreign[0][1]}"
        if problem:
            raise StoreError(
                f"a month is not under the policy {RETENTION_POLICY} ({problem})",
                hint="see that no other policy claims it, and that the account may manage and delete indices",
            )


async def detach_policy(client: AsyncOpenSearch, names: Sequence[str]) -> None:
    """Take the indices from index management, so that it deletes none; each must exist.

    Raises:
        StoreError: one is still under a policy.
        UnreachableError: OpenSearch does not answer, or refuses us.
    """
    for start in range(0, len(names), _NAMES_PER_REQUEST):
        part = names[start : start + _NAMES_PER_REQUEST]
        with store_errors("take months from index management"):
            answer = await client.transport.perform_request("POST", f"/_plugins/_ism/remove/{','.join(part)}")
        problem = read_removed(answer, part)
        if problem:
            raise StoreError(
                f"a held month is still under its retention policy ({problem})",
                hint="see that the account may manage indices; run or sync tries again",
            )


async def explain(client: AsyncOpenSearch, names: Sequence[str]) -> dict[str, Any]:
    """What index management says of these indices; each must exist.

    Raises:
        StoreError: one does not exist.
        UnreachableError: OpenSearch does not answer, or refuses us.
    """
    found: dict[str, Any] = {}
    for start in range(0, len(names), _NAMES_PER_REQUEST):
        part = ",".join(names[start : start + _NAMES_PER_REQUEST])
        with store_errors("explain its retention policies"):
            found |= await client.transport.perform_request("GET", f"/_plugins/_ism/explain/{part}")
    return found


def read_added(answer: dict[str, Any], names: Sequence[str]) -> tuple[list[str], str]:
    """From the answer to ``add``: the indices that had a policy before, and what went wrong (or nothing).

    An index that the account may not manage is in the answer neither as updated nor as failed.
    """
    failed = {
        str(row.get("index_name")): str(row.get("reason")) for row in answer.get("failed_indices") or ()
    }
    managed = [name for name, reason in failed.items() if any(words in reason for words in _ALREADY)]
    broken = [f"{name}: {reason}" for name, reason in failed.items() if name not in managed]
    left_out = len(names) - len(failed) - int(answer.get("updated_indices") or 0)
    if broken:
        return managed, broken[0]
    return managed, f"{left_out} of {len(names)} were left out" if left_out > 0 else ""


def read_removed(answer: dict[str, Any], names: Sequence[str]) -> str:
    """From the answer to ``remove``: what went wrong, or nothing. An index without a policy is fine."""
    failed = {
        str(row.get("index_name")): str(row.get("reason")) for row in answer.get("failed_indices") or ()
    }
    broken = [f"{name}: {reason}" for name, reason in failed.items() if _NO_POLICY not in reason]
    left_out = len(names) - len(failed) - int(answer.get("updated_indices") or 0)
    if broken:
        return broken[0]
    return f"{left_out} of {len(names)} were left out" if left_out > 0 else ""


def deleting(explained: dict[str, Any]) -> set[str]:
    """The indices in an ``explain`` answer that the policy is about to delete: in the state that does it."""
    return {
        name
        for name in attached(explained)
        if (explained[name].get("state") or {}).get("name") == DELETING_STATE
    }


def governed(explained: dict[str, Any]) -> dict[str, str]:
    """The indices in an ``explain`` answer that are under a policy, with its name."""
    found: dict[str, str] = {}
    for name, entry in explained.items():
        policies = [entry.get(key) for key in _POLICY_KEYS] if isinstance(entry, dict) else []
        policy = next((policy for policy in policies if policy), None)
        if policy:
            found[name] = str(policy)
    return found


def attached(explained: dict[str, Any]) -> set[str]:
    """The indices in an ``explain`` answer that are under the retention policy."""
    return {name for name, policy in governed(explained).items() if policy == RETENTION_POLICY}


def problems(explained: dict[str, Any]) -> dict[str, str]:
    """The indices under the retention policy in an ``explain`` answer where it failed or is switched off."""
    found: dict[str, str] = {}
    for name in sorted(attached(explained)):
        entry = explained[name]
        failed = (entry.get("retry_info") or {}).get("failed") or (entry.get("action") or {}).get("failed")
        if failed or (entry.get("step") or {}).get("step_status") == "failed":
            found[name] = str((entry.get("info") or {}).get("message") or "failed")
        elif entry.get("enabled") is False:
            found[name] = "switched off"
    return found
