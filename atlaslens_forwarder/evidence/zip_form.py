"""A bundle as one zip, each byte of which is determined by its content and the time of creation.

The members are stored, not compressed: compressed bytes depend on the library that made them, and two of them
may stand for the same content, so nobody could say of a changed byte whether it matters.
"""

from __future__ import annotations

import io
import shutil
import zipfile
from typing import IO, TYPE_CHECKING, Final, cast

from atlaslens_forwarder.model.time import from_ms

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

_REGULAR: Final = 0o100640 << 16
_UNIX: Final = 3
_FIRST_YEAR: Final = 1980
CHUNK_BYTES: Final = 1 << 20


def write_zip(
    target: IO[bytes], files: Iterable[tuple[str, int]], opened: Callable[[str], IO[bytes]], created_ms: int
) -> None:
    """Write members (name and size) in the given order.

    Args:
        target: a file that can be written and sought in.
        files: names and sizes.
        opened: gives the content of a member.
        created_ms: the time of every member.

    Raises:
        OSError: something cannot be read or written.
    """
    moment = from_ms(created_ms)
    at = moment.timetuple()[:6] if moment.year >= _FIRST_YEAR else (_FIRST_YEAR, 1, 1, 0, 0, 0)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for name, size_bytes in files:
            info = zipfile.ZipInfo(name, at)
            info.create_system = _UNIX
            info.external_attr = _REGULAR
            info.file_size = size_bytes  # decides whether the member gets the fields of a large one
            with opened(name) as source, archive.open(info, "w") as member:
                shutil.copyfileobj(source, member, CHUNK_BYTES)


class Comparison(io.RawIOBase):
    """A file to write to that keeps nothing and compares instead with a file that is there.

    A writer goes back to the head of a member when its check sum is known: only the last bytes written at a
    place count.
    """

    def __init__(self, there: IO[bytes]) -> None:
        self._there = there
        self._at = 0
        self._end = 0
        self._wrong: dict[int, int] = {}

    def writable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always."""
        return True

    def tell(self) -> int:
        """Where the next bytes go."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place counted from the start, or from the end."""
        self._at = offset + (self._end if whence == io.SEEK_END else 0)
        return self._at

    def write(self, data: object) -> int:
        """Compare bytes with those that are there."""
        given = bytes(cast("bytes", data))
        self._there.seek(self._at)
        self._wrong.pop(self._at, None)
        if self._there.read(len(given)) != given:
            self._wrong[self._at] = len(given)
        self._at += len(given)
        self._end = max(self._end, self._at)
        return len(given)

    def difference(self, size_bytes: int) -> int | None:
        """The first place near which a file of this size differs from what was written, None if nowhere."""
        places = [*self._wrong, *([min(self._end, size_bytes)] if self._end != size_bytes else [])]
        return min(places, default=None)


def first_difference(
    there: IO[bytes],
    size_bytes: int,
    contents: Mapping[str, Callable[[], IO[bytes]]],
    sizes: Mapping[str, int],
    created_ms: int,
) -> int | None:
    """Where a zip differs from the one that its own content makes; None when it does not."""
    comparison = Comparison(there)
    write_zip(
        cast("IO[bytes]", comparison),
        [(name, sizes[name]) for name in contents],
        lambda name: contents[name](),
        created_ms,
    )
    return comparison.difference(size_bytes)
