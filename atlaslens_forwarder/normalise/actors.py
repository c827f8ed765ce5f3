"""Who acted, in a closed vocabulary (``atlassian.actor_kind``)."""

from __future__ import annotations

from enum import StrEnum

CUSTOMER_PREFIX = "qm:"
"""Ids of customers who have only a help-centre account begin so (Jira audit rows, ``accountType``
customer)."""


class ActorKind(StrEnum):
    """What kind of actor the row names."""

    PERSON = "person"
    APP = "app"
    """An app or service account, where the API says so (``accountType`` is ``app``)."""
    CUSTOMER = "customer"
    """A customer of a service project without an Atlassian account."""
    SYSTEM = "system"
    """Atlassian itself, directory synchronisation and automatic jobs: no author."""
    ANONYMOUS = "anonymous"
    """Somebody who was not signed in."""
    UNIDENTIFIED = "unidentified"
    """Only a name, no account. Whoever may post Confluence audit records can write any name there."""
    UNKNOWN = "unknown"
    """Somebody: the event was found by comparing two states, which do not tell who made the difference."""
