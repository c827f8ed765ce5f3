"""Writes ``events.jsonl`` and ``rows.txt`` event by event, and keeps what the manifest says of them."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from atlaslens_forwarder.errors import StoreError
from atlaslens_forwarder.evidence.fields import event_at_ms, event_id, shown_id
from atlaslens_forwarder.evidence.layout import EVENTS, ROWS, RowLine
from atlaslens_forwarder.evidence.manifest import ListedFile
from atlaslens_forwarder.evidence.staging import flush_to_disk
from atlaslens_forwarder.evidence.tally import Tally
from atlaslens_forwarder.model.canonical import canonical_bytes
from atlaslens_forwarder.proof.merkle import SALT_BYTES, MerkleTree, salted_leaf

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from atlaslens_forwarder.evidence.staging import Staging
    from atlaslens_forwarder.model.json import JsonObject


class EventsWriter:
    """The events of one export on their way to the disk.

    Args:
        staging: where the files are made.
        salts: as many random bytes as asked for.
    """

    def __init__(self, staging: Staging, salts: Callable[[int], bytes]) -> None:
        self._salts = salts
        self._events = HashedFile(staging, EVENTS)
        self._rows = HashedFile(staging, ROWS)
        self._tree = MerkleTree()
        self.tally = Tally()

    @property
    def merkle_root(self) -> str:
        """The root over the salted rows so far, in hex."""
        return self._tree.root().hex()

    def write(self, events: Sequence[JsonObject]) -> None:
        """Append events, which must come in ascending order of time and id.

        Raises:
            StoreError: an event cannot stand in evidence, or is out of order.
            OSError: the disk does not take them.
        """
        salts = self._salts(SALT_BYTES * len(events))
        lines: list[bytes] = []
        rows: list[bytes] = []
        for number, event in enumerate(events):
            row = self._canonical(event)
            salt = salts[SALT_BYTES * number : SALT_BYTES * (number + 1)]
            leaf = salted_leaf(salt, row)
            self._tree.add(leaf)
            lines.append(row + b"\n")
            rows.append(RowLine(salt, leaf).to_bytes())
        self._events.write(b"".join(lines))
        self._rows.write(b"".join(rows))

    def finish(self) -> tuple[ListedFile, ListedFile]:
        """Bring the last row to the disk; the two files as the manifest lists them.

        Raises:
            OSError: the disk does not take them.
        """
        return self._events.finish(), self._rows.finish()

    def close(self) -> None:
        """Let go of the files, finished or not."""
        self._events.close()
        self._rows.close()

    def _canonical(self, event: JsonObject) -> bytes:
        try:
            row = canonical_bytes(event)
            key = event_at_ms(event), event_id(event)
        except ValueError as error:
            raise StoreError(
                f"event {shown_id(event)} cannot stand in evidence ({error})",
                hint="it was not written by this product; leave its time out of the export",
            ) from None
        if not self.tally.add(*key):
            raise StoreError(
                f"OpenSearch sent event {shown_id(event)} out of order", hint="repeat the export"
            )
        return row


class HashedFile:
    """A file of a bundle, digested as it is written."""

    def __init__(self, staging: Staging, name: str) -> None:
        self._name = name
        self._file = staging.create(name)
        self._digest = hashlib.sha256()
        self._size_bytes = 0

    def write(self, content: bytes) -> None:
        """Append bytes."""
        self._file.write(content)
        self._digest.update(content)
        self._size_bytes += len(content)

    def finish(self) -> ListedFile:
        """Bring it to the disk; what the manifest says of it."""
        flush_to_disk(self._file)
        self._file.close()
        return ListedFile(self._name, self._size_bytes, self._digest.hexdigest())

    def close(self) -> None:
        """Let go of it."""
        self._file.close()
