"""TLS and the security plugin of one node: certificates, settings, and who there is at first.

At first there is nobody: no demo certificate, no default password. The holder of the administrator's
certificate, made here, creates roles and accounts through the plugin's own API.
https://docs.opensearch.org/latest/security/configuration/tls/
"""

from __future__ import annotations

import json
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from atlaslens_forwarder import private_file
from atlaslens_forwarder.certificates import Unit, distinguished_name, issue, new_authority
from atlaslens_forwarder.engine.config import LOOPBACK

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

CA, NODE, ADMIN = "ca", "node", "admin"
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
        """Make a new authority and new certificates in the folder; also for these clients.

        The authority's key is kept nowhere.

        Raises:
            ConfigError: the folder cannot be written.
        """
        now = datetime.now(UTC)
        authority = new_authority(now)
        private_file.replace(folder / f"{CA}.pem", authority.certificate, "certificate")
        wanted = [(NODE, Unit.NODE), (ADMIN, Unit.ADMIN), *((name, Unit.CLIENT) for name in clients)]
        for name, unit in wanted:
            made = issue(authority, unit, name, ("localhost", LOOPBACK) if unit is Unit.NODE else (), now)
            private_file.replace(folder / f"{name}.key", made.key, "private key")
            private_file.replace(folder / f"{name}.pem", made.certificate, "certificate")
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
            "plugins.security.authcz.admin_dn": [distinguished_name(Unit.ADMIN, ADMIN)],
            "plugins.security.nodes_dn": [distinguished_name(Unit.NODE, NODE)],
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
