"""``seals`` in the data folder: what is kept outside the cluster of every seal made or seen from here.

* ``head.json``: number, hash and time of the newest seal;
* ``<number>.seal.json``: a copy of each seal, a DSSE envelope;
* ``<number>.leaves.gz``: its leaves, one a line, by which a verification names single documents;
* ``<number>.tsr``: the answer of a time-stamp authority about it (RFC 3161, DER).
"""

from __future__ import annotations

import gzip
import json
import zlib
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Final

from atlaslens_forwarder import private_file
from atlaslens_forwarder.errors import ConfigError, EvidenceError
from atlaslens_forwarder.proof.dsse import parse_envelope
from atlaslens_forwarder.seals.chain import seal_id
from atlaslens_forwarder.seals.seal import PAYLOAD_TYPE, read_seal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from atlaslens_forwarder.proof.dsse import Envelope
    from atlaslens_forwarder.seals.seal import SignedSeal

WHAT: Final = "folder of seals"
_SEAL: Final = ".seal.json"


class SealFolder:
    """The seals that are kept in a folder."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @contextmanager
    def alone(self) -> Iterator[None]:
        """No second process makes seals from here at the same time.

        Raises:
            ConfigError: another process does, or the folder cannot be written.
        """
        try:
            private_file.make_folder(self.path)
        except OSError as error:
            raise private_file.unusable("make", WHAT, self.path, error) from error
        with private_file.alone(self.path / "head.json", WHAT):
            yield

    def newest(self) -> SignedSeal | None:
        """The newest seal that is kept here.

        Raises:
            ConfigError: it cannot be read.
            EvidenceError: it is damaged.
        """
        newest = max(self._names(), default=None)
        if newest is None:
            return None
        return read_seal(parse_envelope(self._read(newest), PAYLOAD_TYPE))

    def copies(self) -> Iterator[Envelope]:
        """Every seal that is kept here and can be read."""
        for name in sorted(self._names()):
            try:
                yield parse_envelope(self._read(name), PAYLOAD_TYPE)
            except (ConfigError, EvidenceError):
                continue

    def copy(self, number: int) -> SignedSeal:
        """A seal that is kept here.

        Raises:
            ConfigError: it cannot be read.
            EvidenceError: it is damaged.
        """
        return read_seal(parse_envelope(self._read(seal_id(number) + _SEAL), PAYLOAD_TYPE))

    def save(self, signed: SignedSeal) -> None:
        """Keep a seal, and make it the head.

        Raises:
            ConfigError: it cannot be written.
        """
        text = signed.envelope.to_bytes().decode()
        private_file.replace(self.path / (seal_id(signed.seal.number) + _SEAL), text, WHAT)
        head = json.dumps(asdict(signed.head)) + "\n"
        private_file.replace(self.path / "head.json", head, WHAT)

    @contextmanager
    def keep_leaves(self, number: int) -> Iterator[Callable[[bytes], None]]:
        """Takes the leaves of a seal one by one; no file is left when there are none or the block fails.

        Raises:
            ConfigError: they cannot be written.
        """
        path = self._leaves(number)
        try:
            path.unlink(missing_ok=True)
            with (
                private_file.open_new(path) as plain,
                gzip.GzipFile("", "wb", compresslevel=6, fileobj=plain, mtime=0) as file,
            ):
                try:
                    yield lambda line: _write(file, line)
                    if not file.tell():
                        path.unlink()
                except BaseException:
                    path.unlink(missing_ok=True)
                    raise
        except OSError as error:
            raise private_file.unusable("write in", WHAT, self.path, error) from error

    def lines(self, number: int) -> Iterator[bytes] | None:
        """The leaves of a seal; they end early where the file is damaged. None when there is none."""
        path = self._leaves(number)
        return _lines(path) if path.is_file() else None

    def save_stamp(self, number: int, answer: bytes) -> None:
        """Keep the answer of a time-stamp authority.

        Raises:
            ConfigError: it cannot be written.
        """
        private_file.replace(self._stamp(number), answer, WHAT)

    def stamp(self, number: int) -> bytes | None:
        """The answer of a time-stamp authority about a seal.

        Raises:
            ConfigError: it cannot be read.
        """
        path = self._stamp(number)
        try:
            return path.read_bytes() if path.is_file() else None
        except OSError as error:
            raise private_file.unusable("read in", WHAT, self.path, error) from error

    def _names(self) -> list[str]:
        return [path.name for path in self.path.glob(f"*{_SEAL}")]

    def _read(self, name: str) -> bytes:
        return private_file.read(self.path / name, "copy of a seal").encode()

    def _leaves(self, number: int) -> Path:
        return self.path / f"{seal_id(number)}.leaves.gz"

    def _stamp(self, number: int) -> Path:
        return self.path / f"{seal_id(number)}.tsr"


def _write(file: gzip.GzipFile, line: bytes) -> None:
    file.write(line + b"\n")


def _lines(path: Path) -> Iterator[bytes]:
    try:
        with gzip.open(path) as file:
            for line in file:
                yield line.removesuffix(b"\n")
    except (OSError, EOFError, zlib.error):
        return
