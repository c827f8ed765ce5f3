"""Runs the samples of rules with their real queries on a real OpenSearch, in an index of their own."""

from __future__ import annotations

import json
import secrets
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from atlaslens_forwarder.detections.rule import Scope
from atlaslens_forwarder.errors import StoreError
from atlaslens_forwarder.model.time import HOUR_MS
from atlaslens_forwarder.provision.templates import MUTABLE_SETTINGS, load_templates
from atlaslens_forwarder.service.alerts.detect import Detector, Stretch
from atlaslens_forwarder.storage.errors import store_errors
from atlaslens_forwarder.storage.names import PREFIX, Family

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from opensearchpy import AsyncOpenSearch

    from atlaslens_forwarder.detections.catalogue import Catalogue
    from atlaslens_forwarder.detections.rule import Rule
    from atlaslens_forwarder.detections.samples import Sample

_PER_REQUEST = 1000


@dataclass(frozen=True, slots=True)
class Trial:
    """How a sample went."""

    sample: Sample
    alerts: int

    @property
    def ok(self) -> bool:
        """Whether it gave as many alerts as it must."""
        return self.alerts == self.sample.alerts


async def try_samples(
    client: AsyncOpenSearch, catalogue: Catalogue, rules: Sequence[Rule], now_ms: int
) -> list[Trial]:
    """Store the samples, ask the rules, and take the index away again.

    Raises:
        StoreError: OpenSearch refused a sample or a query.
        UnreachableError: OpenSearch does not answer, or refuses us.
    """
    names = {rule.name for rule in rules}
    samples = [sample for sample in catalogue.samples if sample.rule in names]
    tags = {f"sample-{number}": sample for number, sample in enumerate(samples)}
    found: list[Trial] = []
    async with _own_index(client) as index:
        await _store(client, index, tags, now_ms)
        for tag, sample in tags.items():
            detector = Detector(
                client,
                catalogue.words.fields,
                indices=dict.fromkeys(Scope, index),
                only=[{"term": {"organization.id": tag}}],
            )
            findings = await detector.find([catalogue.rules[sample.rule]], Stretch(now_ms - HOUR_MS, now_ms))
            found.append(Trial(sample, len({finding.id for finding in findings})))
    return found


@asynccontextmanager
async def _own_index(client: AsyncOpenSearch) -> AsyncIterator[str]:
    """An index with the mapping of events; its name belongs to no family, so nobody else looks at it."""
    templates = load_templates()
    settings = templates.component[MUTABLE_SETTINGS]["template"]
    body = {
        "settings": settings["settings"] if isinstance(settings, dict) else {},
        "mappings": templates.mapping(Family.AUDIT),
    }
    index = f"{PREFIX}-samples-{secrets.token_hex(6)}"
    with store_errors("make an index for samples"):
        await client.indices.create(index=index, body=body)
    try:
        yield index
    finally:
        with store_errors("remove the index of samples"):
            await client.indices.delete(index=index)


async def _store(client: AsyncOpenSearch, index: str, tags: dict[str, Sample], now_ms: int) -> None:
    documents: list[dict[str, Any]] = []
    for tag, sample in tags.items():
        documents += [{**made, "organization": {"id": tag}} for made in sample.documents(now_ms)]
    for begin in range(0, len(documents), _PER_REQUEST):
        lines: list[str] = []
        for document in documents[begin : begin + _PER_REQUEST]:
            lines += ['{"create":{}}', json.dumps(document, ensure_ascii=False)]
        with store_errors("store samples"):
            answer = await client.bulk(index=index, body="\n".join(lines) + "\n", params={"refresh": "true"})
        if answer["errors"]:
            failed = next(item["create"] for item in answer["items"] if "error" in item["create"])
            raise StoreError(
                f"OpenSearch refused a sample ({failed['error'].get('type', '')})",
                hint="see whether its values fit the fields",
            )
