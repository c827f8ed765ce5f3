"""What people write for the address of a site, as the one base address it has. Pure."""

from __future__ import annotations

import ipaddress
import re
from typing import Final
from urllib.parse import SplitResult, urlsplit

from atlaslens_forwarder.errors import ConfigError

DOMAINS: Final = (".atlassian.net", ".atlassian-us-gov-mod.net")
"""Where Atlassian Cloud sites are; the second is Atlassian Government Cloud."""
_LABEL: Final = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_SCHEME: Final = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_HINT: Final = "give the address of the site, such as https://acme.atlassian.net"
_ELSEWHERE: Final = {
    "bitbucket.org": "Bitbucket is added to a site: see --bitbucket-token-file",
    "api.bitbucket.org": "Bitbucket is added to a site: see --bitbucket-token-file",
    "api.atlassian.com": "that is the gateway of all sites",
    "admin.atlassian.com": "that is the administration of the organisation",
    "id.atlassian.com": "that is where tokens are made",
    "home.atlassian.com": "that is the start page of all sites",
}


def normalise_site(text: str) -> str:
    """The base address of a site from its name, its host name or any address of a page on it.

    ``acme``, ``acme.atlassian.net`` and ``http://acme.atlassian.net/jira/x?y`` are all
    ``https://acme.atlassian.net``. A server on this machine (the simulator) keeps scheme and port.

    Raises:
        ConfigError: it is no address of an Atlassian Cloud site. What was written is not repeated: it may be
            a token that was pasted into the wrong place.
    """
    wanted = text.strip()
    if not _SCHEME.match(wanted):
        if _LABEL.fullmatch(wanted.casefold()) and wanted.casefold() != "localhost":
            return f"https://{wanted.casefold()}{DOMAINS[0]}"
        wanted = f"https://{wanted}" if not _is_local_text(wanted) else f"http://{wanted}"
    try:
        parts = urlsplit(wanted)
        port = parts.port
    except ValueError:
        raise ConfigError("the site is no address", hint=_HINT) from None
    host = (parts.hostname or "").casefold().rstrip(".")
    if parts.scheme.casefold() not in {"http", "https"} or "@" in parts.netloc or not host:
        raise ConfigError("the site is no address", hint=_HINT)
    if is_local(host):
        return _local(parts, host, port)
    if host in _ELSEWHERE:
        raise ConfigError(f"{host} is no site: {_ELSEWHERE[host]}", hint=_HINT)
    label, _, domain = host.partition(".")
    if f".{domain}" not in DOMAINS or not _LABEL.fullmatch(label):
        raise ConfigError("the site is not on Atlassian Cloud (*.atlassian.net)", hint=_HINT)
    if port not in {None, 80, 443}:
        raise ConfigError("the site's address has a port", hint=_HINT)
    return f"https://{host}"


def normalise_address(text: str, option: str) -> str:
    """Scheme and host of a server's address; in clear only on this machine, for a token goes there.

    Raises:
        ConfigError: it is no such address.
    """
    try:
        parts = urlsplit(text.strip())
        host, port, scheme = (parts.hostname or "").casefold(), parts.port, parts.scheme.casefold()
    except ValueError:
        host, port, scheme = "", None, ""
    allowed = {"http", "https"} if is_local(host) else {"https"}
    if not host or scheme not in allowed or "@" in parts.netloc:
        raise ConfigError(f"{option} is no address", hint="give one such as https://api.atlassian.com")
    shown = f"[{host}]" if ":" in host else host
    return f"{scheme}://{shown}" + (f":{port}" if port else "")


def is_local(host: str) -> bool:
    """Whether a host name is this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_local_address(url: str) -> bool:
    """Whether an address leads to this machine."""
    return is_local(urlsplit(url).hostname or "")


def name_of(site_url: str) -> str:
    """A short name for a site: the first part of its host, as a site's name in the settings may be."""
    host = urlsplit(site_url).hostname or ""
    if is_local(host):
        return "local"
    return re.sub(r"[^a-z0-9]+", "_", host.partition(".")[0]).strip("_")


def _is_local_text(text: str) -> bool:
    try:
        return is_local((urlsplit(f"//{text}").hostname or "").casefold())
    except ValueError:
        return False


def _local(parts: SplitResult, host: str, port: int | None) -> str:
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme.casefold()}://{shown}" + (f":{port}" if port else "")
