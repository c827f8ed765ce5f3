"""Monitors of OpenSearch Alerting: the files of this version, what is there, and what differs.

OpenSearch gives ids to monitors by itself, so ours are found by their names. It also rewrites queries in its
own words when it stores them; the files use those words (seen in 3.4.0), and what it adds is left out of the
comparison.
"""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from opensearchpy.exceptions import NotFoundError

from atlaslens_forwarder.errors import ConfigError, StoreError
from atlaslens_forwarder.provision.plan import Action, Kind, PlanItem
from atlaslens_forwarder.storage.errors import store_errors
from atlaslens_forwarder.storage.names import PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from opensearchpy import AsyncOpenSearch

    from atlaslens_forwarder.model.json import JsonObject, JsonValue

_MONITORS: Final = "/_plugins/_alerting/monitors"
_CHANNEL: Final = "{channel}"
_MOST: Final = 1000
MISSING: Final = "OpenSearch Alerting is not installed: the forwarder evaluates the rules itself"


def load_monitors(channel_id: str) -> dict[str, JsonObject]:
    """The monitors of this version by name, sending to this channel; without actions if it is empty.

    Raises:
        ConfigError: the files are missing or broken, so the installation is.
    """
    root = files("atlaslens_forwarder")
    installed = root / "_data" / "alerting"
    folder = installed if installed.is_dir() else Path(str(root)).parent / "alerting"
    found: dict[str, JsonObject] = {}
    try:
        for file in sorted((folder / "monitors").iterdir(), key=lambda entry: entry.name):
            if file.name.endswith(".json"):
                body = json.loads(file.read_text(encoding="utf-8"))
                found[body["name"]] = _addressed(body, channel_id)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigError("the monitors cannot be read", hint="install the program anew") from error
    return found


def _addressed(body: JsonObject, channel_id: str) -> JsonObject:
    for trigger in _list(body["triggers"]):
        for part in trigger.values():
            actions = _list(part["actions"])
            for action in actions:
                if action["destination_id"] == _CHANNEL:
                    action["destination_id"] = channel_id
            part["actions"] = actions if channel_id else []
    return body


async def read_monitors(client: AsyncOpenSearch) -> dict[str, tuple[str, JsonObject]]:
    """Our monitors that are there: id and body by name.

    Raises:
        StoreError: Alerting refused to tell, or has two of one name.
        UnreachableError: OpenSearch does not answer, or refuses us.
    """
    body = {"size": _MOST, "query": {"prefix": {"monitor.name.keyword": f"{PREFIX}-"}}}
    with store_errors("list monitors"):
        try:
            answer = await client.transport.perform_request("POST", f"{_MONITORS}/_search", body=body)
        except NotFoundError:  # no monitor was ever made
            return {}
    found: dict[str, tuple[str, JsonObject]] = {}
    for hit in answer["hits"]["hits"]:
        monitor = hit["_source"].get("monitor", hit["_source"])
        if monitor["name"] in found:
            raise StoreError(
                f"there are two monitors called {monitor['name']}",
                hint="delete one of them",
            )
        found[monitor["name"]] = (hit["_id"], monitor)
    return found


def monitor_items(
    desired: Mapping[str, JsonObject], found: Mapping[str, tuple[str, JsonObject]] | None
) -> Iterator[PlanItem]:
    """What is to be done with each monitor; ``found`` is None where Alerting is not installed. Pure."""
    if found is None:
        yield PlanItem(Kind.MONITOR, f"{PREFIX}-*", Action.UNAVAILABLE, MISSING)
        return
    for name, body in desired.items():
        if name not in found:
            yield PlanItem(Kind.MONITOR, name, Action.CREATE, body=body)
            continue
        diff = tuple(_differences(body, found[name][1], ""))
        yield PlanItem(
            Kind.MONITOR,
            name,
            Action.UPDATE if diff else Action.UNCHANGED,
            diff=diff,
            body={**body, "enabled": found[name][1].get("enabled", True)} if diff else None,
        )


async def put_monitor(client: AsyncOpenSearch, item: PlanItem) -> None:
    """Create the monitor, or replace the one of its name.

    Raises:
        StoreError: Alerting refused it.
        UnreachableError: OpenSearch does not answer, or refuses us.
    """
    there = (await read_monitors(client)).get(item.name)
    with store_errors(f"{item.action.value} the monitor {item.name}"):
        if there is None:
            await client.transport.perform_request("POST", _MONITORS, body=item.body)
        else:
            await client.transport.perform_request("PUT", f"{_MONITORS}/{there[0]}", body=item.body)


def _differences(desired: JsonValue, found: JsonValue, path: str) -> Iterator[str]:
    """Where what is there differs from what we want; what OpenSearch adds by itself does not count."""
    if isinstance(desired, dict) and isinstance(found, dict):
        for key, value in desired.items():
            if path or key != "enabled":  # whether a monitor is switched on is the user's choice
                yield from _differences(value, found.get(key), f"{path}.{key}" if path else key)
    elif isinstance(desired, list) and isinstance(found, list) and len(desired) == len(found):
        for number, (one, other) in enumerate(zip(desired, found, strict=True)):
            yield from _differences(one, other, f"{path}[{number}]")
    elif desired != found:
        yield f"{path}: {_short(found)} → {_short(desired)}"


def _short(value: JsonValue) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:57]}…"  # noqa: PLR2004  fits a line


def _list(value: Any) -> list[dict[str, Any]]:
    return list(value)
