"""A store of append-only indices in memory, its seals, and a hand that tampers with both behind our back."""

from __future__ import annotations

import copy
import hashlib
import json
from dataclasses import dataclass, field

from atlaslens_forwarder.proof.key_history import KeyHistory, introduce
from atlaslens_forwarder.proof.signing_key import SigningKey
from atlaslens_forwarder.seals.chain import ChainCheck, KeptHead, StoredSeal, seal_id
from atlaslens_forwarder.seals.compare import Comparison
from atlaslens_forwarder.seals.compose import Composer
from atlaslens_forwarder.seals.findings import Verdict
from atlaslens_forwarder.seals.leaf import Document
from atlaslens_forwarder.seals.ports import IndexInfo, Page
from atlaslens_forwarder.seals.seal import read_seal, sign_seal

KEY = SigningKey.generate()
FOREIGN = SigningKey.generate()
HISTORY = KeyHistory((introduce(KEY, None, created_ms=1),))
PAGE = 4
"""Few, so that small stores have many ranges."""
HOUR_MS = 3_600_000


def mark(body: str) -> str:
    """Stands for the origin hash, which needs a key: whoever knows this function is the forwarder."""
    return hashlib.sha256(f"origin {body}".encode()).hexdigest()


def endorse(_index: str, document: Document) -> bool:
    source = document.source
    return source.get("id") == document.id and source.get("hash") == mark(f"{document.id} {source['text']}")


@dataclass
class Shard:
    documents: dict[int, tuple[str, dict]] = field(default_factory=dict)
    checkpoint: int = -1

    def put(self, document_id: str, source: dict, *, skip: int = 0) -> int:
        self.checkpoint += 1 + skip  # numbers that failed writes used up are legitimate gaps
        self.documents[self.checkpoint] = (document_id, source)
        return self.checkpoint


@dataclass
class Index:
    uuid: str
    shards: list[Shard]
    append_only: bool = True


class MemoryStore:
    """The port that sealing and verifying ask."""

    def __init__(self, shards: dict[str, int]) -> None:
        self.content = {
            name: Index(f"uuid-{name}", [Shard() for _ in range(count)]) for name, count in shards.items()
        }
        self.written = 0

    async def indices(self) -> list[IndexInfo]:
        return [
            IndexInfo(name, each.uuid, 1, each.append_only, tuple(shard.checkpoint for shard in each.shards))
            for name, each in sorted(self.content.items())
        ]

    async def read(self, index: str, shard: int, after: int, to: int) -> Page:
        found = sorted(
            (seq_no, one)
            for seq_no, one in self.content[index].shards[shard].documents.items()
            if after < seq_no <= to
        )[:PAGE]
        documents = [Document(seq_no, one[0], copy.deepcopy(one[1])) for seq_no, one in found]
        return Page(documents, documents[-1].seq_no if len(documents) == PAGE else to)

    async def find(self, index: str, ids) -> list[Document]:
        return [
            Document(seq_no, one[0], one[1])
            for shard in self.content[index].shards
            for seq_no, one in shard.documents.items()
            if one[0] in ids
        ]

    def write(self, index: str, shard: int, *, skip: int = 0) -> int:
        """Store a document of ours."""
        self.written += 1
        document_id = f"event-{self.written}"
        text = f"text {self.written}"
        source = {"id": document_id, "text": text, "hash": mark(f"{document_id} {text}"), "ingested": 1}
        return self.content[index].shards[shard].put(document_id, source, skip=skip)

    def places(self) -> list[tuple[str, int, int]]:
        """Index, shard and number of every document."""
        return [
            (name, number, seq_no)
            for name, each in sorted(self.content.items())
            for number, shard in enumerate(each.shards)
            for seq_no in sorted(shard.documents)
        ]

    def clone(self, index: str) -> None:
        """The index is another one from now on, with the same documents under the same numbers."""
        self.content[index].uuid += "'"

    def reindex(self, index: str) -> None:
        """The documents get new numbers in another order."""
        self.clone(index)
        for number, shard in enumerate(self.content[index].shards):
            fresh = Shard()
            for _, (document_id, source) in sorted(shard.documents.items(), reverse=True):
                fresh.put(document_id, source)
            self.content[index].shards[number] = fresh


class World:
    """A store with its chain of seals, the copies that are kept outside, and the leaves."""

    def __init__(self, shards: dict[str, int]) -> None:
        self.store = MemoryStore(shards)
        self.seals: dict[str, object] = {}
        self.copies: dict[int, object] = {}
        self.kept: dict[int, list[bytes]] = {}
        self.now_ms = HOUR_MS
        self.expired: set[str] = set()

    async def seal(self):
        """Make the next seal as the sealer does."""
        self.now_ms += HOUR_MS
        base = read_seal(self.copies[max(self.copies)]) if self.copies else None
        lines: list[bytes] = []
        composer = Composer(
            self.store,
            endorse=endorse,
            expired=self.expired.__contains__,
            keep=lines.append,
            most_ranges=1000,
        )
        seal = await composer.compose(
            base,
            now_ms=self.now_ms,
            interval_s=3600,
            forwarder="test",
            cluster="memory",
            key_ids=[KEY.id],
        )
        signed = sign_seal(seal, [KEY])
        self.seals[seal_id(seal.number)] = signed.envelope
        self.copies[seal.number] = signed.envelope
        self.kept[seal.number] = lines
        return seal

    def lines(self, number: int):
        kept = self.kept.get(number)
        return None if kept is None else iter(kept)

    async def verify(self, *, copies: bool = True, heads=()) -> Verdict:
        """Hold the store against its seals as ``seals verify`` does."""
        verdict = Verdict()
        check = ChainCheck(HISTORY, verdict)
        for place, envelope in self.seals.items():
            check.add_stored(StoredSeal(place, envelope))
        for envelope in self.copies.values() if copies else ():
            check.add_copy(envelope, "kept in the data folder")
        for number, sha256 in heads:
            check.add_head(KeptHead(number, sha256, "given"))
        links = check.finish()
        chain = [
            read_seal(self.seals[link.place] if link.place else self.copies[link.number]).seal
            for link in links
        ]

        async def wanted():
            for seal in chain:
                yield seal

        comparison = Comparison(
            self.store, endorse=endorse, expired=self.expired.__contains__, leaves=self, verdict=verdict
        )
        await comparison.compare(chain[-1] if chain else None, wanted(), check.names)
        return verdict


def told(verdict: Verdict) -> set[tuple[str, str | None, str | None]]:
    """The findings about documents, as kind, index and id."""
    return {(one.kind.value, one.index, one.id) for one in verdict.findings}


def as_text(verdict: Verdict) -> str:
    return json.dumps([one.to_json() for one in verdict.findings], indent=1)
