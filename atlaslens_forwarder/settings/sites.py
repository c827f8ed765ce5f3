"""The Atlassian side: sites, Bitbucket workspaces, the organisation."""

from __future__ import annotations

import re
from datetime import date
from typing import Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator

from atlaslens_forwarder.settings.section import (
    EmailAddress,
    Section,
    json_list,
    usable_address,
    usable_token,
)

SITE_NAME = re.compile(r"[a-z0-9-]+(_[a-z0-9-]+)*")


class BitbucketSettings(Section):
    """The Bitbucket workspaces that belong to a site, and the credential to read them with."""

    workspaces: tuple[str, ...] = Field(
        (), description='Bitbucket workspaces to read, JSON list such as ["acme"]; empty means no Bitbucket'
    )
    email: EmailAddress = Field(
        "", description="E-mail address of the account (API tokens only, not access tokens)"
    )
    api_token: SecretStr = Field(
        SecretStr(""), description="Bitbucket API token, or a workspace access token when no e-mail is set"
    )
    api_token_expires: date | None = Field(
        None, description="Day on which the token expires, as Bitbucket said when it was made"
    )
    url: str = Field("https://api.bitbucket.org", description="Address of Bitbucket's API")
    requests_per_hour: int = Field(
        900, ge=1, le=100_000, description="Request budget of this credential; Bitbucket allows 1,000 an hour"
    )

    @field_validator("url")
    @classmethod
    def _address(cls, value: str) -> str:
        return usable_address(value)

    @field_validator("workspaces", mode="before")
    @classmethod
    def _list(cls, value: object) -> object:
        return json_list(value, '["acme"]')

    @field_validator("api_token")
    @classmethod
    def _one_word(cls, value: SecretStr) -> SecretStr:
        return usable_token(value) if value.get_secret_value() else value

    @model_validator(mode="after")
    def _token_where_needed(self) -> Self:
        if self.workspaces and not self.api_token.get_secret_value():
            raise ValueError("a token (API_TOKEN) is needed to read the workspaces")
        return self


class OrganisationSettings(Section):
    """The organisation's events, which need Atlassian Guard; optional."""

    id: str = Field("", description="Organisation id, from the address of admin.atlassian.com")
    api_key: SecretStr = Field(SecretStr(""), description="Organisation API key without scopes")
    api_key_expires: date | None = Field(
        None, description="Day on which the key expires, as Atlassian said when it was made"
    )
    url: str = Field("https://api.atlassian.com", description="Address of the organisation API")

    @field_validator("url")
    @classmethod
    def _address(cls, value: str) -> str:
        return usable_address(value)

    @field_validator("api_key")
    @classmethod
    def _one_word(cls, value: SecretStr) -> SecretStr:
        return usable_token(value) if value.get_secret_value() else value

    @model_validator(mode="after")
    def _both_or_none(self) -> Self:
        if bool(self.id) != bool(self.api_key.get_secret_value()):
            raise ValueError("ID and API_KEY go together")
        return self


class SiteSettings(Section):
    """One Atlassian Cloud site and the credential to read it with."""

    url: str = Field(description="Address of the site, such as https://acme.atlassian.net")
    email: EmailAddress = Field(
        "", description="E-mail address of the account the token belongs to (not for bearer tokens)"
    )
    api_token: SecretStr = Field(description="API token of an account that may read the audit logs")
    api_token_expires: date | None = Field(
        None, description="Day on which the token expires, as Atlassian said when it was made"
    )
    token_kind: Literal["classic", "scoped", "bearer"] = Field(
        "classic",
        description="classic: all rights of the user; scoped or bearer (OAuth): through the gateway",
    )
    cloud_id: str = Field("", description="Cloud id of the site; asked from the site when empty")
    gateway_url: str = Field("https://api.atlassian.com", description="Gateway for scoped and bearer tokens")
    sources: tuple[str, ...] = Field((), description="Sources to read, JSON list; empty means all")
    requests_per_second: float = Field(10.0, gt=0, le=1000, description="Request budget of this credential")
    bitbucket: BitbucketSettings = BitbucketSettings()
    organisation: OrganisationSettings = OrganisationSettings()

    @field_validator("url", "gateway_url")
    @classmethod
    def _address(cls, value: str) -> str:
        return usable_address(value)

    @field_validator("sources", mode="before")
    @classmethod
    def _list(cls, value: object) -> object:
        return json_list(value, '["jira-audit"]')

    @field_validator("api_token")
    @classmethod
    def _one_word(cls, value: SecretStr) -> SecretStr:
        return usable_token(value)

    @model_validator(mode="after")
    def _email_where_needed(self) -> Self:
        if self.token_kind in {"classic", "scoped"} and not self.email:
            raise ValueError(f"an e-mail address (EMAIL) is needed with a {self.token_kind} token")
        return self
