"""What OpenSearch's security plugin reads at its very first start, and Dashboards' settings. Pure.

Format: OpenSearch documentation, "Modifying the YAML files"; the plugin's own static roles are used.
Only two accounts exist at first: the one that ``setup`` uses, and that of Dashboards. All others are made by
``setup --security``. No file of the plugin's demo set is used, so none of its passwords and accounts exists.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import yaml

from atlaslens_forwarder.provision.security.passwords import hash_password

if TYPE_CHECKING:
    from collections.abc import Mapping

ADMIN: Final = "atlaslens-admin"
DASHBOARDS: Final = "kibanaserver"
"""The name that the plugin's own role for Dashboards is meant for."""
DASHBOARDS_FOLDER: Final = "/run/atlaslens"
"""Where ``docker-compose.yml`` mounts the files of Dashboards."""
_VERSION: Final = 2
"""Of the files' format."""


def security_files(admin_password: str, dashboards_password: str) -> dict[str, str]:
    """File names and texts of the plugin's first configuration. Passwords appear as bcrypt hashes."""
    bodies: dict[str, tuple[str, Mapping[str, object]]] = {
        "config.yml": ("config", {"config": {"dynamic": _DYNAMIC}}),
        "internal_users.yml": (
            "internalusers",
            {
                ADMIN: _user(admin_password, "sets up the store", ["admin"]),
                DASHBOARDS: _user(dashboards_password, "OpenSearch Dashboards itself", []),
            },
        ),
        "roles.yml": ("roles", {}),
        "roles_mapping.yml": (
            "rolesmapping",
            {
                "all_access": {"backend_roles": ["admin"], "description": "the account for set-up"},
                "kibana_server": {"users": [DASHBOARDS]},
            },
        ),
        "action_groups.yml": ("actiongroups", {}),
        "tenants.yml": ("tenants", {}),
        "nodes_dn.yml": ("nodesdn", {}),
        "allowlist.yml": ("allowlist", {"config": {"enabled": False}}),
    }
    return {
        name: yaml.safe_dump({"_meta": {"type": kind, "config_version": _VERSION}, **body}, sort_keys=False)
        for name, (kind, body) in bodies.items()
    }


def dashboards_yml(password: str, cookie_key: str) -> str:
    """Settings of OpenSearch Dashboards: TLS on both sides, and a key of its own for session cookies."""
    return yaml.safe_dump(
        {
            "server.host": "0.0.0.0",  # noqa: S104  inside a container; what is published is up to its runner
            "server.ssl.enabled": True,
            "server.ssl.certificate": f"{DASHBOARDS_FOLDER}/dashboards.pem",
            "server.ssl.key": f"{DASHBOARDS_FOLDER}/dashboards.key",
            "opensearch.hosts": ["https://opensearch:9200"],
            "opensearch.ssl.certificateAuthorities": [f"{DASHBOARDS_FOLDER}/ca.pem"],
            "opensearch.ssl.verificationMode": "full",
            "opensearch.username": DASHBOARDS,
            "opensearch.password": password,
            "opensearch.requestHeadersAllowlist": ["authorization", "securitytenant"],
            "opensearch_security.cookie.password": cookie_key,
            "opensearch_security.cookie.secure": True,
            "opensearch_security.multitenancy.enabled": True,
            "opensearch_security.multitenancy.tenants.preferred": ["Global", "Private"],
            "opensearch_security.readonly_mode.roles": ["kibana_read_only"],
        },
        sort_keys=False,
    )


_DYNAMIC: Final[Mapping[str, object]] = {
    "http": {"anonymous_auth_enabled": False},
    "authc": {
        "basic": {
            "description": "user name and password",
            "http_enabled": True,
            "transport_enabled": True,
            "order": 0,
            "http_authenticator": {"type": "basic", "challenge": True},
            "authentication_backend": {"type": "intern"},
        },
    },
    "auth_failure_listeners": {
        "guesses": {  # by name: behind Dashboards everybody has the same address
            "type": "username",
            "authentication_backend": "intern",
            "allowed_tries": 10,
            "time_window_seconds": 3600,
            "block_expiry_seconds": 600,
            "max_blocked_clients": 10_000,
            "max_tracked_clients": 10_000,
        },
    },
}


def _user(password: str, description: str, backend_roles: list[str]) -> dict[str, object]:
    return {"hash": hash_password(password), "backend_roles": backend_roles, "description": description}
