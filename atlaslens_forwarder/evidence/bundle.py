"""Opens a bundle, a folder or one zip, and reads its files as streams; nothing is unpacked.

What is no plain file of a bundle is not read but named: links, folders, members that are compressed or there
twice, and names that lead elsewhere.
"""

from __future__ import annotations

import hashlib
import re
import stat
import zipfile
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Final, Protocol

from atlaslens_forwarder.errors import EvidenceError
from atlaslens_forwarder.evidence.layout import KEYS_FOLDER, MANIFEST
from atlaslens_forwarder.evidence.zip_form import CHUNK_BYTES, first_difference

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

MAX_SIDE_FILE_BYTES: Final = 64 * 1024 * 1024
_NAME: Final = re.compile(rf"({KEYS_FOLDER}/)?[A-Za-z0-9][A-Za-z0-9._-]*")
_ENCRYPTED: Final = 0x1


class Bundle(Protocol):
    """The files of a bundle."""

    @property
    def sizes(self) -> Mapping[str, int]:
        """Bytes of each file that may be read."""

    @property
    def strange(self) -> tuple[str, ...]:
        """What is there and is no plain file of a bundle, each with its name and what it is."""

    def open(self, name: str) -> IO[bytes]:
        """A file as a stream."""

    def form_fault(self, created_ms: int) -> str | None:
        """What is wrong with the container itself; None where there is none that could be."""


class FolderBundle:
    """A bundle in a folder."""

    def __init__(self, path: Path) -> None:
        self._path = path
        sizes: dict[str, int] = {}
        strange: list[str] = []
        entries = sorted(path.iterdir())
        keys = path / KEYS_FOLDER
        if keys.is_dir() and not keys.is_symlink():
            entries = [entry for entry in entries if entry != keys] + sorted(keys.iterdir())
        for entry in entries:
            name = entry.relative_to(path).as_posix()
            found = entry.lstat()
            if not stat.S_ISREG(found.st_mode):
                strange.append(f"{shown(name)} is no plain file")
            elif _NAME.fullmatch(name) is None:
                strange.append(f"{shown(name)} is no name of a bundle's file")
            else:
                sizes[name] = found.st_size
        self.sizes: Mapping[str, int] = sizes
        self.strange = tuple(strange)

    def open(self, name: str) -> IO[bytes]:
        """A file as a stream."""
        return (self._path / name).open("rb")

    def form_fault(self, created_ms: int) -> str | None:  # noqa: ARG002  a folder has no time of its own
        """A folder has no form of its own."""
        return None


class ZipBundle:
    """A bundle in one zip."""

    def __init__(self, file: IO[bytes], archive: zipfile.ZipFile) -> None:
        self._file = file
        self._archive = archive
        sizes: dict[str, int] = {}
        strange: list[str] = []
        for info in archive.infolist():
            name = info.filename
            if name in sizes:
                strange.append(f"{shown(name)} is there twice")
            elif _NAME.fullmatch(name) is None:
                strange.append(f"{shown(name)} is no name of a bundle's file")
            elif info.compress_type != zipfile.ZIP_STORED or info.flag_bits & _ENCRYPTED:
                strange.append(f"{shown(name)} is not stored plainly")
            elif stat.S_IFMT(info.external_attr >> 16) not in {0, stat.S_IFREG}:
                strange.append(f"{shown(name)} is no plain file")
            else:
                sizes[name] = info.file_size
        self.sizes: Mapping[str, int] = sizes
        self.strange = tuple(strange)

    def open(self, name: str) -> IO[bytes]:
        """A member as a stream."""
        return self._archive.open(name)

    def form_fault(self, created_ms: int) -> str:
        """Empty where every byte of the zip is as its content and its time make it."""
        size_bytes = self._file.seek(0, 2)
        contents = {name: _Opener(self, name) for name in self.sizes}
        place = first_difference(self._file, size_bytes, contents, self.sizes, created_ms)
        return "" if place is None else f"the zip is not as export writes it, from byte {place} on"


class _Opener:
    def __init__(self, bundle: ZipBundle, name: str) -> None:
        self._bundle = bundle
        self._name = name

    def __call__(self) -> IO[bytes]:
        return self._bundle.open(self._name)


@contextmanager
def open_bundle(path: Path) -> Iterator[Bundle]:
    """A bundle for reading.

    Raises:
        EvidenceError: there is none, it cannot be read, or it breaks off while it is read.
    """
    try:
        if path.is_dir():
            bundle: Bundle = FolderBundle(path)
            _require_manifest(bundle, path)
            yield bundle
            return
        with path.open("rb") as file, zipfile.ZipFile(file) as archive, path.open("rb") as raw:
            bundle = ZipBundle(raw, archive)
            _require_manifest(bundle, path)
            yield bundle
    except FileNotFoundError:
        raise EvidenceError(f"there is no {path}", hint="name the folder or zip that export wrote") from None
    except (zipfile.BadZipFile, EOFError, NotImplementedError, ValueError):
        raise EvidenceError(
            f"{path} is not a bundle, or a damaged one", hint="name a folder or zip that export wrote"
        ) from None
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise EvidenceError(f"cannot read {path}: {reason}", hint="check the path and its rights") from None


def _require_manifest(bundle: Bundle, path: Path) -> None:
    if MANIFEST not in bundle.sizes:
        raise EvidenceError(
            f"{path} holds no {MANIFEST}", hint="it is no bundle of this product; fetch it again"
        )


def read_small(bundle: Bundle, name: str) -> bytes:
    """A side file as a whole; a missing one is empty.

    Raises:
        EvidenceError: it is far larger than any that this product writes.
    """
    if name not in bundle.sizes:
        return b""
    if bundle.sizes[name] > MAX_SIDE_FILE_BYTES:
        raise EvidenceError(f"{name} is far too large", hint="it is damaged or not ours; fetch it again")
    with bundle.open(name) as file:
        return file.read(MAX_SIDE_FILE_BYTES)


def digest_of(bundle: Bundle, name: str) -> str:
    """The SHA-256 of a file."""
    digest = hashlib.sha256()
    with bundle.open(name) as file:
        while chunk := file.read(CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def shown(name: str) -> str:
    """A name from outside as it may stand in a message."""
    return name.encode("ascii", "backslashreplace").decode("ascii")[:120]
