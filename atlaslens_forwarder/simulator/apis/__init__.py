"""The APIs the simulator speaks, one module each. A new API is one module and one line here."""

from __future__ import annotations

from typing import Final

from atlaslens_forwarder.simulator.apis import (
    bitbucket,
    confluence_audit,
    confluence_content,
    identity,
    jira_audit,
    jira_work,
    organisation,
)

APIS: Final = (
    identity.API,
    jira_audit.API,
    confluence_audit.API,
    jira_work.API,
    confluence_content.API,
    bitbucket.API,
    organisation.API,
)
"""Order matters only to readers."""
