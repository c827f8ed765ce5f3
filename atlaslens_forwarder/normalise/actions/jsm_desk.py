"""What happens on a service desk without anybody doing it."""

from __future__ import annotations

from atlaslens_forwarder.normalise.actions.vocabulary import MEDIUM, Action, activity

SLA_BREACHED = activity("sla_breached", "info", "sla", MEDIUM)

ACTIONS: tuple[Action, ...] = (SLA_BREACHED,)
