"""Evaluates the rules on what was stored since the last time, beside the sources: it never holds one up."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

import httpx

from atlaslens_forwarder.detections.catalogue import load_catalogue
from atlaslens_forwarder.detections.finding import alert_document
from atlaslens_forwarder.errors import FencedError
from atlaslens_forwarder.model.time import DAY_MS, HOUR_MS, MINUTE_MS, iso_ms, parse_iso_ms
from atlaslens_forwarder.service.alerts.delivery import Delivery
from atlaslens_forwarder.service.alerts.detect import Detector, Stretch
from atlaslens_forwarder.service.alerts.history import ReadHistory
from atlaslens_forwarder.service.alerts.webhook import Webhook
from atlaslens_forwarder.storage.alerts import AlertStore

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from atlaslens_forwarder.detections.catalogue import Catalogue
    from atlaslens_forwarder.detections.rule import Rule
    from atlaslens_forwarder.service.store import Store
    from atlaslens_forwarder.settings import Settings
    from atlaslens_forwarder.telemetry.observer import Telemetry

STATE_ID: Final = "alerts"
STATE_KIND: Final = "alerts"
OVERLAP_MS: Final = 5 * MINUTE_MS
"""Looked at again each time: clocks of several forwarders differ, and a bulk request may take a while."""
FIRST_MS: Final = HOUR_MS
"""What is looked at the first time ever."""
LONGEST_MS: Final = 7 * DAY_MS
"""What is looked at after a pause, at most: nobody wants to be woken for what is older."""
EVERY_MS: Final = 5 * MINUTE_MS
"""The rules are evaluated this often even if we stored nothing: another forwarder may have."""


class AlertWatch:
    """The rules on one store."""

    def __init__(
        self,
        store: Store,
        rules: Sequence[Rule],
        catalogue: Catalogue,
        telemetry: Telemetry,
        clock: Callable[[], int],
        *,
        retention_days: int,
        delivery: Delivery | None,
    ) -> None:
        self._store = store
        self._rules = rules
        self._fields = catalogue.words.fields
        self._alerts = AlertStore(store.client)
        self._telemetry = telemetry
        self._clock = clock
        self._retention_days = retention_days
        self._delivery = delivery
        self._stored_something = True
        self._evaluated_ms = 0
        self._expired_ms = 0

    def stored(self, events: int) -> None:
        """A round stored so many events."""
        self._stored_something = self._stored_something or events > 0

    async def tick(self) -> None:
        """Evaluate if there is reason to, and deliver what is due.

        Raises:
            StoreError: OpenSearch failed us; nothing is lost, the same time is looked at again.
            UnreachableError: OpenSearch does not answer.
        """
        if self._stored_something or self._clock() - self._evaluated_ms >= EVERY_MS:
            self._stored_something = False
            try:
                await self.evaluate()
            except BaseException:
                self._stored_something = True
                raise
        await self.deliver()

    async def evaluate(self) -> list[str]:
        """Look at everything stored since the last time, and a little before; ids of the new alerts.

        Raises:
            StoreError: OpenSearch failed us; the same time is looked at again.
            UnreachableError: OpenSearch does not answer.
        """
        if not self._rules:
            return []
        now_ms = self._clock()
        known = await self._store.state.load(STATE_ID)
        last_ms = now_ms - FIRST_MS if known is None else parse_iso_ms(str(known.value["evaluated_until"]))
        history = ReadHistory(self._store.state, self._clock, self._retention_days)
        detector = Detector(self._store.reader, self._fields, history=history)
        await detector.refresh()
        from_ms = max(min(last_ms, now_ms) - OVERLAP_MS, now_ms - LONGEST_MS)
        findings = await detector.find(self._rules, Stretch(from_ms, now_ms))
        by_id = {finding.id: finding for finding in findings}
        new = await self._alerts.create(
            {
                alert_id: alert_document(finding, now_ms, deliver=self._delivery is not None)
                for alert_id, finding in by_id.items()
            }
        )
        for alert_id in new:
            rule = by_id[alert_id].rule
            self._telemetry.alert_raised(rule=rule.name, level=rule.level.value)
        try:
            value = {"evaluated_until": iso_ms(max(last_ms, now_ms))}
            await self._store.state.save(STATE_ID, STATE_KIND, {**value}, known)
        except FencedError:
            pass  # another forwarder did the same work; alerts of both have the same ids
        self._evaluated_ms = now_ms
        self._telemetry.alerts_evaluated(until_ms=now_ms, without_history=detector.without_history)
        await self._expire(now_ms)
        return new

    async def deliver(self) -> int:
        """Call the webhook for what is due, if there is one.

        Raises:
            StoreError: OpenSearch failed us.
            UnreachableError: OpenSearch does not answer.
        """
        return 0 if self._delivery is None else await self._delivery.deliver()

    async def _expire(self, now_ms: int) -> None:
        if now_ms - self._expired_ms >= DAY_MS:
            self._expired_ms = now_ms
            await self._alerts.expire(now_ms - (self._retention_days + 31) * DAY_MS)


@asynccontextmanager
async def open_alert_watch(
    settings: Settings, store: Store, telemetry: Telemetry, clock: Callable[[], int]
) -> AsyncIterator[AlertWatch | None]:
    """The watch that the settings ask for; None where nothing is to be evaluated here.

    Raises:
        ConfigError: the rules of this installation are broken.
    """
    wanted = settings.alerts
    if wanted.evaluate == "never" or (wanted.evaluate == "auto" and store.plugins.alerting):
        yield None
        return
    catalogue = load_catalogue()
    url = wanted.webhook_url.get_secret_value()
    async with httpx.AsyncClient(trust_env=False) as http:
        webhook = Webhook(url, wanted.webhook_secret.get_secret_value(), http, clock) if url else None
        yield AlertWatch(
            store,
            catalogue.named(()),
            catalogue,
            telemetry,
            clock,
            retention_days=settings.service.retention_days,
            delivery=None
            if webhook is None
            else Delivery(AlertStore(store.client), webhook, telemetry, clock),
        )
