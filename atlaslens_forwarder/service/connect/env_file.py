"""Changes a ``.env`` file: some settings in it, nothing else, never readable for others."""

from __future__ import annotations

import io
import os
import re
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from dotenv.parser import parse_stream

from atlaslens_forwarder.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

MODE: Final = 0o600
BACKUP_SUFFIX: Final = ".bak"
_PLAIN: Final = re.compile(r"""[\w.@:/+=~,\[\]-][\w.@:/+=~,\[\]"-]*""", re.ASCII)
"""Values that need no quotes, which container runtimes that read such files do not know."""


def read_env(path: Path) -> str:
    """The text of the file as it stands, empty when there is none.

    Raises:
        ConfigError: it cannot be read.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return file.read()
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise ConfigError(f"cannot read {path}", hint=error.strerror or "check its path") from error
    except UnicodeDecodeError:  # not chained: it quotes the file
        raise ConfigError(f"cannot read {path}", hint="it is not UTF-8 text") from None


def values_of(text: str) -> dict[str, str]:
    """The settings in the text by name in capitals; of equal names the last counts, as it does later."""
    return {each.key.upper(): each.value or "" for each in parse_stream(io.StringIO(text)) if each.key}


def edit_env(text: str, values: Mapping[str, str | None], *, heading: str) -> str:
    """The text with these settings; all else stays byte for byte.

    A setting that is there is replaced where it stands (and further ones of that name go), None removes it.
    New ones follow the last of ``values`` that is there; where none is, they stand at the end, below
    ``heading``. Pure.
    """
    eol = "\r\n" if "\r\n" in text else "\n"
    parts: list[str] = []
    done: set[str] = set()
    place: int | None = None
    for each in parse_stream(io.StringIO(text)):
        name = (each.key or "").upper()
        if name not in values:
            parts.append(each.original.string)
            continue
        lead = _before(each.original.string)
        value = values[name]
        if name in done or value is None:
            parts.append(lead)
        else:
            parts.append(f"{lead}{name}={written(value)}{eol}")
        place = len(parts)
        done.add(name)
    fresh = [f"{name}={written(value)}{eol}" for name, value in values.items() if name not in done and value]
    if fresh and place is None:
        fresh = [f"# {heading}{eol}", *fresh]
        if text:
            fresh = [*([] if text.endswith(("\n", "\r")) else [eol]), eol, *fresh]
    place = len(parts) if place is None else place
    return "".join([*parts[:place], *fresh, *parts[place:]])


def written(value: str) -> str:
    """A value as it must stand in the file to be read back."""
    if _PLAIN.fullmatch(value):
        return value
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def write_env(path: Path, text: str) -> Path | None:
    """Write the file at once or not at all, for its owner's eyes only; returns where the old one was kept.

    A link is followed. Nothing is written when nothing changes but the mode.

    Raises:
        ConfigError: it cannot be written; the old file is as it was.
    """
    try:
        path = path.resolve()
        old = path.read_bytes() if path.exists() else None
        new = text.encode()
        if old == new:
            path.chmod(MODE)
            return None
        backup = None
        if old is not None:
            backup = path.with_name(path.name + BACKUP_SUFFIX)
            _replace(backup, old, like=path)
        _replace(path, new, like=path)
    except OSError as error:
        raise ConfigError(f"cannot write {path}", hint=error.strerror or "check its path") from error
    return backup


def _replace(path: Path, data: bytes, *, like: Path) -> None:
    # mkstemp makes it with mode 0600, from the first moment.
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(MODE)
        if like.exists():
            owner = like.stat()
            with suppress(PermissionError):  # only root may give files away, and only then it matters
                os.chown(temporary, owner.st_uid, owner.st_gid)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _before(original: str) -> str:
    """Blank lines before a setting, which the parser counts as part of it."""
    return original[: len(original) - len(original.lstrip())]
