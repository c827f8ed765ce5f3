"""TLS and the security plugin of one node: certificates, settings, and who there is at first.

At first there is nobody: no demo certificate, no default password. The holder of the administrator's
certificate, made here, creates roles and accounts through the plugin's own API.
https://docs.opensearch.org/latest/security/configuration/tls/
"""

from __future__ import annotations

import json
import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING

from atlaslens_forwarder.engine.certificates import ORGANISATION, Authority
from atlaslens_forwarder.engine.config import LOOPBACK

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

CA, NODE, ADMIN = "ca", "node", "admin"
_DAYS = 365
_SSL = "plugins.security.ssl"
_FOLDER = "opensearch-security"
"""Below the configuration folder; read once, when the node has no security index yet."""


@dataclass(frozen=True, slots=True)
class NodeSecurity:
    """The certificates of a node, kept in ``folder``.

    ``rest_roles`` are the roles that may use the plugin's API (``plugins.security.restapi.roles_enabled``).
    """

    folder: Path
    rest_roles: tuple[str, ...] = ()

    @classmethod
    def make(
        cls, folder: Path, *, rest_roles: tuple[str, ...] = (), clients: Sequence[str] = ()
    ) -> NodeSecurity:
        """Make a new authority and new certificates in the folder, for a year; also for these clients."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        authority = Authority.make(days=_DAYS)
        authority.write(folder / f"{CA}.pem")
        authority.issue(folder, NODE, hosts=("localhost", LOOPBACK), days=_DAYS)
        for name in (ADMIN, *clients):
            authority.issue(folder, name, days=_DAYS)
        return cls(folder, rest_roles)

    @property
    def ca_file(self) -> Path:
        """The authority's certificate."""
        return self.folder / f"{CA}.pem"

    @property
    def admin_cert(self) -> Path:
        """The certificate of the plugin's administrator."""
        return self.folder / f"{ADMIN}.pem"

    @property
    def admin_key(self) -> Path:
        """Its key."""
        return self.folder / f"{ADMIN}.key"

    def settings(self) -> dict[str, object]:
        """What ``opensearch.yml`` says besides."""
        found: dict[str, object] = {}
        for layer in ("transport", "http"):
            found |= {
                f"{_SSL}.{layer}.pemcert_filepath": f"{NODE}.pem",
                f"{_SSL}.{layer}.pemkey_filepath": f"{NODE}.key",
                f"{_SSL}.{layer}.pemtrustedcas_filepath": f"{CA}.pem",
            }
        return found | {
            f"{_SSL}.http.enabled": True,
            f"{_SSL}.http.clientauth_mode": "OPTIONAL",
            "plugins.security.allow_default_init_securityindex": True,
            "plugins.security.authcz.admin_dn": [_distinguished(ADMIN)],
            "plugins.security.nodes_dn": [_distinguished(NODE)],
            "plugins.security.restapi.roles_enabled": [*self.rest_roles],
        }

    def files(self) -> dict[str, str]:
        """The files in the configuration folder, by their path in it."""
        certificates = {
            name: (self.folder / name).read_text("ascii")
            for name in (f"{CA}.pem", f"{NODE}.pem", f"{NODE}.key")
        }
        return certificates | {
            f"{_FOLDER}/{name}.yml": json.dumps(content) for name, content in _beginnings().items()
        }

    def client_context(self) -> ssl.SSLContext:
        """For requests as the administrator."""
        context = ssl.create_default_context(cafile=self.ca_file)
        context.load_cert_chain(self.admin_cert, self.admin_key)
        return context


def _distinguished(name: str) -> str:
    return f"CN={name},O={ORGANISATION}"


def _beginnings() -> Mapping[str, object]:
    """The plugin's configuration at first: passwords and client certificates count, nobody is known."""
    domains = {
        "certificates": {
            "http_enabled": True,
            "order": 0,
            "http_authenticator": {
                "type": "clientcert",
                "challenge": False,
                "config": {"username_attribute": "cn"},
            },
            "authentication_backend": {"type": "noop"},
        },
        "passwords": {
            "http_enabled": True,
            "order": 1,
            "http_authenticator": {"type": "basic", "challenge": True},
            "authentication_backend": {"type": "internal"},
        },
    }
    http = {"anonymous_auth_enabled": False}
    empty = {
        "internal_users": "internalusers",
        "roles": "roles",
        "roles_mapping": "rolesmapping",
        "action_groups": "actiongroups",
        "tenants": "tenants",
        "nodes_dn": "nodesdn",
    }
    return {
        "config": {"_meta": _meta("config"), "config": {"dynamic": {"http": http, "authc": domains}}},
        "allowlist": {"_meta": _meta("allowlist"), "config": {"enabled": False, "requests": {}}},
        "audit": {"_meta": _meta("audit"), "config": {"enabled": False}},
        **{file: {"_meta": _meta(kind)} for file, kind in empty.items()},
    }


def _meta(kind: str) -> dict[str, object]:
    return {"type": kind, "config_version": 2}
