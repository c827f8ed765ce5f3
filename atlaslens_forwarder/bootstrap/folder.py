"""Fills a folder with what OpenSearch, Dashboards, set-up and forwarder need to talk to each other.

::

    private/     the authority and all passwords; only this program reads it
    opensearch/  certificates of the nodes, first configuration of the security plugin
    setup/       accounts for ``setup``, and the administrator's certificate
    dashboards/  certificate and settings of OpenSearch Dashboards
    forwarder/   accounts for ``run``: a folder for ``ATLASLENS_SECRETS_DIR``
    grafana/     certificate and password of Grafana

Each folder is for one reader, so that each can be mounted alone. Doing it again keeps what is there;
certificates that end soon are renewed.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from atlaslens_forwarder import private_file
from atlaslens_forwarder.bootstrap.security_files import dashboards_yml, security_files
from atlaslens_forwarder.certificates import Pair, Unit, is_due, issue, new_authority
from atlaslens_forwarder.errors import ConfigError
from atlaslens_forwarder.provision.security.passwords import make_password

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

LOCAL_HOSTS: Final = ("localhost", "127.0.0.1")
_ACCOUNTS: Final = {
    "writer": "ATLASLENS_OPENSEARCH__PASSWORD",
    "reader": "ATLASLENS_OPENSEARCH__READER__PASSWORD",
    "keeper": "ATLASLENS_OPENSEARCH__KEEPER__PASSWORD",
}
"""Accounts of the forwarder and the settings that hold their passwords."""
_PASSWORDS: Final = ("admin", "dashboards", "cookies", "grafana", *_ACCOUNTS)
"""What is made at random; Dashboards wants 32 characters for its cookies, which is what a password has."""


@dataclass(slots=True)
class Bootstrap:
    """Fills ``folder`` for OpenSearch nodes of these names; ``hosts`` are further names of all servers."""

    folder: Path
    nodes: Sequence[str]
    hosts: Sequence[str]
    now: datetime
    made: list[str] = field(default_factory=list)
    """What was written, by path below the folder."""

    def run(self) -> None:
        """Write what is missing or ends soon.

        Raises:
            ConfigError: the folder cannot be written, or it holds accounts and not their passwords.
        """
        try:
            self._run()
        except OSError as error:
            raise ConfigError(
                f"cannot use {error.filename or self.folder}", hint=error.strerror or "check the folder"
            ) from error
        except ValueError:  # not chained: it may quote a file
            raise ConfigError(
                f"a file in {self.folder} is damaged", hint="restore the folder from its backup"
            ) from None

    def _run(self) -> None:
        passwords = self._passwords()
        authority = self._authority()
        hosts = [*LOCAL_HOSTS, *self.hosts]
        for node in self.nodes:
            self._certificate(f"opensearch/{node}", authority, Unit.NODE, [node, *hosts])
        for server in ("dashboards", "grafana"):
            self._certificate(f"{server}/{server}", authority, Unit.SERVER, [server, *hosts])
        self._certificate("setup/admin", authority, Unit.ADMIN, [])
        for reader in ("opensearch", "setup", "dashboards", "forwarder", "grafana"):
            self._write(f"{reader}/ca.pem", authority.certificate)
        if not self._path(
            "opensearch/internal_users.yml"
        ).exists():  # hashes are salted: never twice the same
            for name, text in security_files(passwords["admin"], passwords["dashboards"]).items():
                self._write(f"opensearch/{name}", text)
        dashboards = dashboards_yml(passwords["dashboards"], passwords["cookies"])
        self._write("dashboards/opensearch_dashboards.yml", dashboards)
        for account, setting in _ACCOUNTS.items():
            for reader in ("setup", "forwarder"):
                self._write(f"{reader}/{setting}", passwords[account])
        for setting in ("ATLASLENS_OPENSEARCH__ADMIN__PASSWORD", "ATLASLENS_DASHBOARDS__PASSWORD"):
            self._write(f"setup/{setting}", passwords["admin"])
        self._write("grafana/password", passwords["grafana"])

    def _passwords(self) -> dict[str, str]:
        path = self._path("private/passwords.json")
        if not path.exists() and self._path("opensearch/internal_users.yml").exists():
            raise ConfigError(
                f"{path} is missing, but accounts made with it are there",
                hint="restore it from its backup, or begin with an empty folder and an empty store",
            )
        known: dict[str, str] = json.loads(path.read_bytes()) if path.exists() else {}
        every = {name: known.get(name) or make_password() for name in _PASSWORDS}
        self._write("private/passwords.json", json.dumps(every, indent=2))
        return every

    def _authority(self) -> Pair:
        certificate, key = self._path("private/ca.pem"), self._path("private/ca.key")
        if certificate.exists():  # written after its key
            return Pair(certificate.read_text("ascii"), key.read_text("ascii"))
        made = new_authority(self.now)
        self._write("private/ca.key", made.key)
        self._write("private/ca.pem", made.certificate)
        return made

    def _certificate(self, name: str, authority: Pair, unit: Unit, hosts: list[str]) -> None:
        certificate = self._path(f"{name}.pem")
        if (
            certificate.exists()
            and self._path(f"{name}.key").exists()
            and not is_due(certificate.read_text("ascii"), authority.certificate, hosts, self.now)
        ):
            return
        made = issue(authority, unit, name.rpartition("/")[2], hosts, self.now)
        certificate.unlink(missing_ok=True)  # never a new key beside an old certificate
        self._write(f"{name}.key", made.key)
        self._write(f"{name}.pem", made.certificate)

    def _path(self, name: str) -> Path:
        return self.folder / name

    def _write(self, name: str, text: str) -> None:
        """Put the file there, whole, for its owner only; one with the same text stays as it is."""
        path = self._path(name)
        if path.exists() and path.read_text("utf-8") == text:
            return
        private_file.replace(path, text, "file")
        self.made.append(name)
