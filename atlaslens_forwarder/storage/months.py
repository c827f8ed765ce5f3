"""Creates month indices ahead of need, each dated at the start of its month.

Retention counts from ``index.creation_date``, so a month is always created explicitly with the date of its
first millisecond; automatic creation, which would date it today, is forbidden by the set-up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from opensearchpy.exceptions import RequestError

from atlaslens_forwarder.errors import StoreError
from atlaslens_forwarder.storage.errors import error_type, store_errors
from atlaslens_forwarder.storage.ism import attach_policy
from atlaslens_forwarder.storage.names import OWN_PATTERN, Family, months_ahead, parse_month_index

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Iterable

    from opensearchpy import AsyncOpenSearch

    from atlaslens_forwarder.storage.plugins import Plugins

APPEND_ONLY = "index.append_only.enabled"
_CREATED = "index.creation_date"
_NAMES_PER_REQUEST = 50
"""Names go into the URL, which OpenSearch bounds at 4 KiB (``http.max_initial_line_length``)."""


async def _none_held() -> Collection[str]:
    return ()


class MonthKeeper:
    """Makes sure that month indices exist, are append-only and have a retention, before they are written."""

    def __init__(
        self,
        client: AsyncOpenSearch,
        *,
        plugins: Plugins,
        accept_mutable: bool = False,
        held: Callable[[], Awaitable[Collection[str]]] = _none_held,
    ) -> None:
        """``held`` tells which months a legal hold keeps: these are not put under the retention policy."""
        self._client = client
        self._held = held
        self._plugins = plugins
        self._accept_mutable = accept_mutable
        self._known: set[str] = set()
        self._templated: set[Family] = set()

    async def ensure_months(self, names: Iterable[str]) -> list[str]:
        """Create those of the named month indices that are missing, and return their names.

        Known ones cost nothing. Races with another forwarder are tolerated.

        Raises:
            StoreError: the templates are missing, or a month is not append-only (unless that was accepted).
            UnreachableError: OpenSearch does not answer, or refuses us.
            ValueError: a name is not that of a month index.
        """
        wanted = sorted(set(names) - self._known)
        if not wanted:
            return []
        found = await read_settings(self._client, wanted)
        created = [name for name in wanted if name not in found]
        for name in created:
            await self._create(name)
        if created:
            found |= await read_settings(self._client, created)
        for name in wanted:
            self._check(name, found.get(name))
        if created and self._plugins.index_management:
            held = await self._held()
            await attach_policy(self._client, [name for name in created if name not in held])
        self._known.update(wanted)
        return created

    async def ensure_ahead(self, now_ms: int) -> list[str]:
        """Create this month's and next month's index of every family; returns what was created.

        Raises:
            StoreError: the templates are missing, or a month is not append-only (unless that was accepted).
            UnreachableError: OpenSearch does not answer, or refuses us.
        """
        return await self.ensure_months(months_ahead(now_ms))

    def forget(self) -> None:
        """Drop what is known, so that the next call looks again (after a write found a month gone)."""
        self._known.clear()
        self._templated.clear()

    async def _create(self, name: str) -> None:
        month = parse_month_index(name)
        if month is None:
            raise ValueError(f"{name} is not a month index")
        if month.family not in self._templated:
            await self._check_template(name)
            self._templated.add(month.family)
        body = {"settings": {_CREATED: month.start_ms}}
        with store_errors(f"create the month {name}"):
            try:
                await self._client.indices.create(index=name, body=body)
            except RequestError as error:
                if error_type(error) != "resource_already_exists_exception":
                    raise

    async def _check_template(self, name: str) -> None:
        """Refuse before an index without our mappings exists: an append-only one could not be mended."""
        with store_errors("simulate an index template"):
            answer = await self._client.indices.simulate_index_template(name=name)
        template = answer.get("template", {})
        settings = template.get("settings", {}).get("index", {})
        strict = template.get("mappings", {}).get("dynamic") == "strict"
        append_only = settings.get("append_only", {}).get("enabled") == "true"
        if not strict or not (append_only or self._accept_mutable):
            raise StoreError(f"the index template of {name} is missing or not ours", hint="run setup")

    def _check(self, name: str, settings: dict[str, Any] | None) -> None:
        month = parse_month_index(name)
        if settings is None or month is None:
            raise StoreError(
                f"the month {name} is gone right after it was created", hint="see who deletes it"
            )
        if settings.get(APPEND_ONLY) != "true" and not self._accept_mutable:
            raise StoreError(
                f"the month {name} is not append-only",
                hint="find out who created it, and remove or re-create it",
            )
        # A later date only keeps the month longer. An earlier one would remove events before their time.
        if int(settings.get(_CREATED, 0)) < month.start_ms:
            raise StoreError(f"the month {name} is dated before its start", hint="find out who created it")


async def month_names(client: AsyncOpenSearch) -> set[str]:
    """The names of all month indices that exist, closed ones too.

    Raises:
        UnreachableError: OpenSearch does not answer, or refuses us.
    """
    params = {"format": "json", "h": "index", "expand_wildcards": "open,closed,hidden"}
    with store_errors("list its indices"):
        rows = await client.cat.indices(index=OWN_PATTERN, params=params)
    return {row["index"] for row in rows if parse_month_index(row["index"]) is not None}


async def read_settings(client: AsyncOpenSearch, names: list[str]) -> dict[str, dict[str, Any]]:
    """Flat settings of those of the named indices that exist.

    Raises:
        UnreachableError: OpenSearch does not answer, or refuses us.
    """
    found: dict[str, dict[str, Any]] = {}
    for start in range(0, len(names), _NAMES_PER_REQUEST):
        part = names[start : start + _NAMES_PER_REQUEST]
        params = {"ignore_unavailable": "true", "allow_no_indices": "true", "flat_settings": "true"}
        with store_errors("read index settings"):
            answer = await client.indices.get_settings(index=",".join(part), params=params)
        found |= {name: entry["settings"] for name, entry in answer.items()}
    return found
