"""From settings to a sealer and a verifier of the store."""

from __future__ import annotations

from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING

import httpx

from atlaslens_forwarder.service.alerts.webhook import Webhook
from atlaslens_forwarder.service.seals.endorse import endorser
from atlaslens_forwarder.service.seals.folder import SealFolder
from atlaslens_forwarder.service.seals.sealer import Sealer
from atlaslens_forwarder.service.seals.timestamps import StampAuthority, StampVerifier
from atlaslens_forwarder.service.seals.verifying import SealVerifier
from atlaslens_forwarder.service.seals.witness import HeadFile, HeadWebhook
from atlaslens_forwarder.storage.expiry import expired_months
from atlaslens_forwarder.storage.seal_store import SealStore, SealWriter
from atlaslens_forwarder.storage.sequence import SequenceReader

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from atlaslens_forwarder.seals.ports import Expired
    from atlaslens_forwarder.service.seals.witness import Witness
    from atlaslens_forwarder.service.store import Store
    from atlaslens_forwarder.settings import Settings
    from atlaslens_forwarder.telemetry.observer import Telemetry


@asynccontextmanager
async def open_sealer(
    settings: Settings, store: Store, telemetry: Telemetry, clock: Callable[[], int]
) -> AsyncIterator[Sealer]:
    """The sealer of a store with its witnesses, closed again at the end.

    Raises:
        ConfigError: time stamps are set up and cannot be made.
    """
    folder = SealFolder(settings.seals_dir)
    evidence = settings.evidence
    witnesses: list[Witness] = []
    async with AsyncExitStack() as stack:
        if evidence.seal_file is not None:
            witnesses.append(HeadFile(evidence.seal_file))
        url, secret = evidence.seal_webhook_url.get_secret_value(), evidence.seal_webhook_secret
        if url or evidence.timestamp_url:
            http = await stack.enter_async_context(httpx.AsyncClient())
            if url:
                witnesses.append(HeadWebhook(Webhook(url, secret.get_secret_value(), http, clock)))
            if evidence.timestamp_url and evidence.timestamp_ca_file is not None:
                verifier = StampVerifier.from_file(evidence.timestamp_ca_file)
                witnesses.append(StampAuthority(evidence.timestamp_url, verifier, folder, http))
        yield Sealer(
            SequenceReader(store.reader),
            SealStore(store.reader),
            SealWriter(store.client, clock),
            folder,
            witnesses,
            signing_path=settings.signing_path,
            endorse=endorser(store.keyring),
            expired=_expired(settings, clock),
            cluster=store.cluster.uuid,
            interval_s=evidence.seal_interval_s,
            telemetry=telemetry,
            clock=clock,
        )


def seal_verifier(settings: Settings, store: Store, clock: Callable[[], int]) -> SealVerifier:
    """The verifier of a store's seals.

    Raises:
        ConfigError: the certificates of the time-stamp authority cannot be used.
    """
    ca_file = settings.evidence.timestamp_ca_file
    return SealVerifier(
        SequenceReader(store.reader),
        SealStore(store.reader),
        SealFolder(settings.seals_dir),
        signing_path=settings.signing_path,
        head_file=settings.evidence.seal_file,
        endorse=endorser(store.keyring),
        expired=_expired(settings, clock),
        stamps=None if ca_file is None else StampVerifier.from_file(ca_file),
    )


def _expired(settings: Settings, clock: Callable[[], int]) -> Expired:
    def expired(name: str) -> bool:
        return bool(expired_months([name], clock(), settings.service.retention_days))

    return expired
