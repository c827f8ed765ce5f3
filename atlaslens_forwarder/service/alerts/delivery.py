"""Delivers alerts that wait, tries again later and later, and keeps what cannot be delivered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.model.time import HOUR_MS, SECOND_MS, iso_ms

if TYPE_CHECKING:
    from collections.abc import Callable

    from atlaslens_forwarder.model.json import JsonObject
    from atlaslens_forwarder.service.alerts.webhook import Answer, Webhook
    from atlaslens_forwarder.storage.alerts import AlertStore, StoredAlert
    from atlaslens_forwarder.telemetry.observer import Telemetry

FIRST_WAIT_MS: Final = 5 * SECOND_MS
LONGEST_WAIT_MS: Final = HOUR_MS
MOST_ATTEMPTS: Final = 20
"""With waits doubling up to an hour: about half a day. Then the alert is ``dead`` and stays in the index."""


class Delivery:
    """What waits in ``atlaslens-alerts`` goes to the webhook; state lives there, so a restart loses nothing.

    A call that was taken may be repeated when we stop before that is written: receivers drop what they have
    by its id.
    """

    def __init__(
        self,
        alerts: AlertStore,
        webhook: Webhook,
        telemetry: Telemetry,
        clock: Callable[[], int],
        *,
        first_wait_ms: int = FIRST_WAIT_MS,
        most_attempts: int = MOST_ATTEMPTS,
    ) -> None:
        self._alerts = alerts
        self._webhook = webhook
        self._telemetry = telemetry
        self._clock = clock
        self._first_wait_ms = first_wait_ms
        self._most_attempts = most_attempts

    async def deliver(self) -> int:
        """One try for each alert that is due; how many were taken.

        Ends at the first sign that the receiver is down: it is tried again with the next pass, not once for
        each.

        Raises:
            StoreError: the alerts cannot be read or written.
            UnreachableError: OpenSearch does not answer.
        """
        taken = 0
        for alert in await self._alerts.due(self._clock()):
            answer = await self._webhook.call(alert.id, alert.value)
            after = self._after(alert, answer)
            await self._alerts.delivery(alert, after)
            self._telemetry.alert_sent(
                rule=str(alert.value["alert"]["rule"]),
                outcome=str(after["state"]),
                error=answer.error,
                attempts=_attempts(alert) + 1,
            )
            if not answer.error:
                taken += 1
            elif not answer.refused:
                break
        return taken

    def _after(self, alert: StoredAlert, answer: Answer) -> JsonObject:
        attempts, now_ms = _attempts(alert) + 1, self._clock()
        if not answer.error:
            return {"state": "delivered", "attempts": attempts, "delivered": iso_ms(now_ms)}
        if attempts >= self._most_attempts:
            return {"state": "dead", "attempts": attempts, "error": answer.error}
        wait_ms = min(self._first_wait_ms * 2 ** (attempts - 1), LONGEST_WAIT_MS)
        return {
            "state": "pending",
            "attempts": attempts,
            "error": answer.error,
            "next": iso_ms(now_ms + wait_ms),
        }


def _attempts(alert: StoredAlert) -> int:
    return int(alert.value["delivery"]["attempts"])
