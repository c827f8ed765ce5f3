"""Files that only their owner may read: written whole or not at all, never readable by others.

A new file appears under its name by a hard link, which fails where there is one already; an existing file
is exchanged by a rename. Both make the name durable: a key that vanishes in a power cut takes with it all
that was made with it.
"""

from __future__ import annotations

import fcntl
import os
import secrets
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO, Final

from atlaslens_forwarder.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

OTHERS = 0o077
"""The permission bits that such a file must not have."""
PRIVATE: Final = 0o600
PASSAGE: Final = 0o711
"""A folder whose inner parts others may reach by their names."""


def read(path: Path, what: str) -> str:
    """The text of a file that only its owner may read.

    Raises:
        ConfigError: it cannot be read, is no UTF-8 text, or others may read it.
    """
    try:
        mode = path.stat().st_mode
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise unusable("read", what, path, error) from error
    except UnicodeDecodeError:  # not chained: it quotes the file
        raise ConfigError(f"the {what} {path} is damaged", hint="restore it from your backup") from None
    if mode & OTHERS:
        raise ConfigError(f"the {what} {path} can be read by others", hint=f"run: chmod 600 {path}")
    return text


def create(path: Path, text: str, what: str) -> None:
    """Write a new file; an existing one is never replaced.

    Raises:
        FileExistsError: there is a file already.
        ConfigError: the file cannot be written.
    """
    try:
        with _written_beside(path, text.encode()) as part:
            path.hardlink_to(part)  # unlike a rename, this fails when the file is there
    except FileExistsError:
        if not path.is_file():
            raise ConfigError(f"cannot write the {what} {path}", hint="something else has its name") from None
        raise
    except OSError as error:
        raise unusable("write", what, path, error) from error


def replace(path: Path, content: str | bytes, what: str) -> None:
    """Exchange a file, at once or not at all.

    Raises:
        ConfigError: the file cannot be written.
    """
    try:
        with _written_beside(path, content.encode() if isinstance(content, str) else content) as part:
            part.rename(path)
    except OSError as error:
        raise unusable("write", what, path, error) from error


def open_new(path: Path) -> BinaryIO:
    """A new file of mode 0600, open to be written.

    Raises:
        OSError: it cannot be made, or is there already.
    """
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE), "wb")


def make_folder(path: Path, mode: int = 0o700) -> None:
    """Make a folder where there is none; the umask can only close it further.

    Folders above it that are missing get mode 0711: nobody else may look around or write there, but may pass
    through, as the embedded OpenSearch must on its way to its data when it runs as somebody else.

    Raises:
        OSError: it cannot be made.
    """
    if not path.parent.is_dir():
        make_folder(path.parent, PASSAGE)
    path.mkdir(mode=mode, exist_ok=True)


@contextmanager
def alone(path: Path, what: str) -> Iterator[None]:
    """No second change of the file at the same time; the lock goes with the process that holds it.

    Raises:
        ConfigError: another process is changing it, or nothing can be written beside it.
    """
    lock = path.with_name(f"{path.name}.lock")
    try:
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, PRIVATE)
    except OSError as error:
        raise unusable("write beside", what, path, error) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise ConfigError(
            f"another change of the {what} {path} is under way", hint="wait until it ends"
        ) from None
    finally:
        os.close(descriptor)


@contextmanager
def _written_beside(path: Path, content: bytes) -> Iterator[Path]:
    """A whole and durable file of mode 0600 under a name of its own; gone at the end."""
    part = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}.part")
    make_folder(path.parent)
    file = open_new(part)
    try:
        with file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        yield part
        _sync_folder(path.parent)
    finally:
        part.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def unusable(verb: str, what: str, path: Path, error: OSError) -> ConfigError:
    """The product's error for such a file that the system does not let us use."""
    return ConfigError(f"cannot {verb} the {what} {path}", hint=error.strerror or "check its path")
