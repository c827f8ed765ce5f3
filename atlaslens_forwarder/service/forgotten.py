"""The list of people who were forgotten, kept in the data folder: a restored store lacks their marks."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from atlaslens_forwarder import private_file
from atlaslens_forwarder.errors import ConfigError
from atlaslens_forwarder.model.time import iso_ms

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from atlaslens_forwarder.model.json import JsonObject, JsonValue

_VERSION: Final = 1


class ForgottenList:
    """Ids of forgotten people in a JSON file of mode 0600; never a name or an address."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def ids(self) -> frozenset[str]:
        """All ids on the list; none where there is no file.

        Raises:
            ConfigError: the file cannot be read. Nobody may come back because of that.
        """
        found: set[str] = set()
        for entry in self._entries():
            ids = entry.get("ids") if isinstance(entry, dict) else None
            found |= {str(each) for each in ids} if isinstance(ids, list) else set()
        return frozenset(found)

    def add(self, ids: Iterable[str], now_ms: int) -> None:
        """Put somebody on the list; durable when it returns.

        Raises:
            ConfigError: the file cannot be read or written.
        """
        entry: JsonObject = {"ids": [*sorted(ids)], "at": iso_ms(now_ms)}
        entries = [*self._entries(), entry]
        text = json.dumps({"version": _VERSION, "forgotten": entries}, indent=2)
        private_file.replace(self._path, text, "list of forgotten people")

    def _entries(self) -> list[JsonValue]:
        try:
            content = json.loads(self._path.read_text(encoding="utf-8"))
            entries = content["forgotten"] if content["version"] == _VERSION else None
        except FileNotFoundError:
            return []
        except OSError as error:
            raise ConfigError(f"cannot read {self._path}", hint=error.strerror or "check its mode") from error
        except (ValueError, KeyError, TypeError):
            entries = None
        if not isinstance(entries, list):
            raise ConfigError(f"{self._path} is damaged", hint="restore it from your backup")
        return entries
