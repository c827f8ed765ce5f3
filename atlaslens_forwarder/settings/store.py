"""OpenSearch, its Dashboards, and the embedded OpenSearch."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from pydantic import Field, SecretStr, model_validator

from atlaslens_forwarder.settings.section import Section


class AccountSettings(Section):
    """An OpenSearch account that is set apart from the main one."""

    username: str = Field("", description="Its user name; the main account does its work when empty")
    password: SecretStr = Field(SecretStr(""), description="Its password")
    client_cert: Path | None = Field(None, description="PEM file of its client certificate")
    client_key: Path | None = Field(None, description="PEM file of the key of that certificate")

    @property
    def is_set(self) -> bool:
        """Whether there is such an account."""
        return bool(self.username) or self.client_cert is not None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if bool(self.username) != bool(self.password.get_secret_value()):
            raise ValueError("a user name and a password go together")
        if self.client_key is not None and self.client_cert is None:
            raise ValueError("a client key needs its certificate")
        return self


class OpenSearchSettings(Section):
    """The OpenSearch cluster that keeps the events."""

    url: str = Field("", description="Address of OpenSearch, such as https://localhost:9200")
    username: str = Field("", description="User name")
    password: SecretStr = Field(SecretStr(""), description="Password")
    ca_file: Path | None = Field(None, description="PEM file of the authority that signed its certificate")
    client_cert: Path | None = Field(None, description="PEM file of our client certificate")
    client_key: Path | None = Field(None, description="PEM file of its key")
    verify_certificate: bool = Field(default=True, description="Set to false for trials only")
    accept_mutable: bool = Field(
        default=False, description="Go on with OpenSearch 2.x, where the store cannot be append-only"
    )
    reader: AccountSettings = AccountSettings()
    keeper: AccountSettings = AccountSettings()
    admin: AccountSettings = AccountSettings()


class DashboardsSettings(Section):
    """OpenSearch Dashboards, into which ``setup`` imports the views; optional."""

    url: str = Field("", description="Address of OpenSearch Dashboards, such as https://localhost:5601")
    tenant: str = Field(
        "global", min_length=1, description="Tenant of its security plugin that gets the views"
    )
    workspace: str = Field("", description="Id of the workspace that gets the views, where there are any")
    username: str = Field("", description="User name; the one of OpenSearch when empty")
    password: SecretStr = Field(SecretStr(""), description="Password; the one of OpenSearch when empty")
    ca_file: Path | None = Field(None, description="PEM file of the authority that signed its certificate")
    verify_certificate: bool = Field(default=True, description="Set to false for trials only")


class EngineSettings(Section):
    """The embedded OpenSearch (``--embedded``)."""

    heap_mb: int = Field(512, ge=256, le=31_000, description="Heap of its Java process in MiB")
    cache_dir: Path | None = Field(
        None, description="Where its files are installed; below data_dir when empty"
    )
