"""Whom a client of OpenSearch or Dashboards trusts."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

from atlaslens_forwarder.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path


def client_context(ca_file: Path | None, *, verify: bool) -> ssl.SSLContext:
    """A context that trusts the authorities of a PEM file, or those of the machine.

    Args:
        ca_file: PEM file of the authority; None for the machine's own.
        verify: False accepts any certificate, for trials.

    Raises:
        ConfigError: the file cannot be used.
    """
    try:
        context = ssl.create_default_context(cafile=ca_file)
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(f"the CA file {ca_file} cannot be used", hint="name a readable PEM file") from error
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
