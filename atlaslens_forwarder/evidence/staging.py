"""Where a bundle comes into being: a hidden folder beside its place, which then gets its name at once.

Exports hold personal data: what is made here is not readable by everyone.
"""

from __future__ import annotations

import os
import shutil
from typing import IO, TYPE_CHECKING, Final, Self

from atlaslens_forwarder.errors import ConfigError
from atlaslens_forwarder.evidence.layout import KEYS_FOLDER, MANIFEST, in_order
from atlaslens_forwarder.evidence.zip_form import write_zip

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path
    from types import TracebackType

ZIP_SUFFIX: Final = ".zip"
PART_SUFFIX: Final = ".part"
FILE_MODE: Final = 0o640
"""Evidence holds personal data: it is never readable by everyone."""
_FOLDER_MODE: Final = 0o750


class Staging:
    """A folder for one bundle; a context manager that leaves nothing behind unless ``publish`` ran.

    Raises:
        ConfigError: nothing can be written there, or something is there already and ``force`` is not set.
    """

    def __init__(self, target: Path, *, force: bool) -> None:
        self.target = target
        self._force = force
        _check_free(target, force=force)
        self.folder = target.with_name(f".{target.name}{PART_SUFFIX}")
        self._zip = target.with_name(f".{target.name}{PART_SUFFIX}{ZIP_SUFFIX}")
        try:
            if force:
                shutil.rmtree(self.folder, ignore_errors=True)
            self.folder.mkdir(mode=_FOLDER_MODE)
            (self.folder / KEYS_FOLDER).mkdir(mode=_FOLDER_MODE)
        except FileExistsError:
            hint = "wait for the export that writes it; if it was cut off, delete it or use --force"
            raise ConfigError(f"{self.folder} exists", hint=hint) from None
        except OSError as error:
            raise unwritable(self.folder, error) from None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        self._zip.unlink(missing_ok=True)

    def create(self, name: str) -> IO[bytes]:
        """A new file of the bundle.

        Raises:
            OSError: it cannot be created.
        """
        return _create(self.folder / name)

    def write(self, name: str, content: bytes) -> None:
        """A whole file of the bundle, brought to the disk.

        Raises:
            OSError: it cannot be written.
        """
        with self.create(name) as file:
            file.write(content)
            flush_to_disk(file)

    def publish(self, names: Iterable[str], created_ms: int) -> None:
        """Give the bundle its name, as a zip where the name says so.

        Raises:
            OSError: it cannot be written.
        """
        if self.target.suffix == ZIP_SUFFIX:
            self._publish_zip(names, created_ms)
        else:
            if self.target.exists():
                shutil.rmtree(self.target)
            self.folder.rename(self.target)
        _sync_folder(self.target.parent)

    def _publish_zip(self, names: Iterable[str], created_ms: int) -> None:
        files = [(name, (self.folder / name).stat().st_size) for name in in_order(names)]
        self._zip.unlink(missing_ok=True)
        with _create(self._zip) as file:
            write_zip(file, files, lambda name: (self.folder / name).open("rb"), created_ms)
            flush_to_disk(file)
        self._zip.rename(self.target)


def _check_free(target: Path, *, force: bool) -> None:
    if not target.name or not target.name.isprintable() or "\\" in target.name:
        raise ConfigError("the output has no usable name", hint="use letters, digits, dots and dashes")
    if not target.parent.is_dir():
        raise ConfigError(f"the folder {target.parent} does not exist", hint="create it, or name another")
    if not target.exists():
        return
    if not force:
        raise ConfigError(f"{target} exists", hint="name another, or replace it with --force")
    is_zip = target.suffix == ZIP_SUFFIX
    if target.is_dir() == is_zip or (not is_zip and not (target / MANIFEST).is_file()):
        raise ConfigError(f"{target} is no bundle and is not replaced", hint="name another")


def _create(path: Path) -> IO[bytes]:
    return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, FILE_MODE), "w+b")


def flush_to_disk(file: IO[bytes]) -> None:
    """Return only when the disk has the bytes.

    Raises:
        OSError: it could not take them.
    """
    file.flush()
    os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def unwritable(path: Path, error: OSError) -> ConfigError:
    """The product's error for a bundle that cannot be written."""
    reason = error.strerror or type(error).__name__
    return ConfigError(f"cannot write {path}: {reason}", hint="free the space, or name a place to write to")
