"""State documents without a store, for what is about order and time only."""

from __future__ import annotations

from atlaslens_forwarder.errors import FencedError
from atlaslens_forwarder.storage.state import StateDoc


class State:
    """State documents in memory, fenced as in the store."""

    def __init__(self):
        self.docs = {}
        self.writes = 0

    async def list(self, *kinds):
        return [doc for doc in self.docs.values() if doc.kind in kinds]

    async def load(self, doc_id):
        return self.docs.get(doc_id)

    async def save(self, doc_id, kind, value, expected, *, connector="", holder=""):
        if self.docs.get(doc_id) != expected:
            raise FencedError(doc_id)
        self.writes += 1
        self.docs[doc_id] = StateDoc(doc_id, kind, value, self.writes, 1, connector, holder)
        return self.docs[doc_id]
