"""Settings: from the environment, ``.env`` and a secrets folder, in this order of precedence.

Every name starts with ``ATLASLENS_``; nested ones are joined by two underscores. A name with our prefix that
is not a setting is an error, since a misspelt retention or token must not be ignored silently. An empty
value counts as not set. Values are taken as they stand: no ``${…}`` in them is replaced.
"""

from __future__ import annotations

import difflib
import errno
import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self, get_args, get_origin
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)

from atlaslens_forwarder.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

PREFIX = "ATLASLENS_"
DELIMITER = "__"
ENV_FILE_VARIABLE = "ATLASLENS_ENV_FILE"
"""Names the ``.env`` file; read before all settings, so it is no setting itself."""
SECRETS_FOLDER_VARIABLE = "ATLASLENS_SECRETS_DIR"

_ADDRESS = re.compile(r"https?://(?!\S*\.\.)(?:[A-Za-z0-9][A-Za-z0-9.-]*|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?")
SITE_NAME = re.compile(r"[a-z0-9-]+(_[a-z0-9-]+)*")


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class BitbucketSettings(_Section):
    """The Bitbucket workspaces that belong to a site, and the credential to read them with."""

    workspaces: tuple[str, ...] = Field(
        (), description='Bitbucket workspaces to read, JSON list such as ["acme"]; empty means no Bitbucket'
    )
    email: str = Field("", description="E-mail address of the account (API tokens only, not access tokens)")
    api_token: SecretStr = Field(
        SecretStr(""), description="Bitbucket API token, or a workspace access token when no e-mail is set"
    )
    url: str = Field("https://api.bitbucket.org", description="Address of Bitbucket's API")
    requests_per_hour: int = Field(
        900, ge=1, le=100_000, description="Request budget of this credential; Bitbucket allows 1,000 an hour"
    )

    @field_validator("url")
    @classmethod
    def _address(cls, value: str) -> str:
        return _usable_address(value)

    @field_validator("workspaces", mode="before")
    @classmethod
    def _list(cls, value: object) -> object:
        return _json_list(value, '["acme"]')

    @field_validator("api_token")
    @classmethod
    def _one_word(cls, value: SecretStr) -> SecretStr:
        return _usable_token(value) if value.get_secret_value() else value

    @model_validator(mode="after")
    def _token_where_needed(self) -> Self:
        if self.workspaces and not self.api_token.get_secret_value():
            raise ValueError("a token (API_TOKEN) is needed to read the workspaces")
        return self


class OrganisationSettings(_Section):
    """The organisation's events, which need Atlassian Guard; optional."""

    id: str = Field("", description="Organisation id, from the address of admin.atlassian.com")
    api_key: SecretStr = Field(SecretStr(""), description="Organisation API key without scopes")
    url: str = Field("https://api.atlassian.com", description="Address of the organisation API")

    @field_validator("url")
    @classmethod
    def _address(cls, value: str) -> str:
        return _usable_address(value)

    @field_validator("api_key")
    @classmethod
    def _one_word(cls, value: SecretStr) -> SecretStr:
        return _usable_token(value) if value.get_secret_value() else value

    @model_validator(mode="after")
    def _both_or_none(self) -> Self:
        if bool(self.id) != bool(self.api_key.get_secret_value()):
            raise ValueError("ID and API_KEY go together")
        return self


class SiteSettings(_Section):
    """One Atlassian Cloud site and the credential to read it with."""

    url: str = Field(description="Address of the site, such as https://acme.atlassian.net")
    email: str = Field(
        "", description="E-mail address of the account the token belongs to (not for bearer tokens)"
    )
    api_token: SecretStr = Field(description="API token of an account that may read the audit logs")
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
        return _usable_address(value)

    @field_validator("sources", mode="before")
    @classmethod
    def _list(cls, value: object) -> object:
        return _json_list(value, '["jira-audit"]')

    @field_validator("api_token")
    @classmethod
    def _one_word(cls, value: SecretStr) -> SecretStr:
        return _usable_token(value)

    @model_validator(mode="after")
    def _email_where_needed(self) -> Self:
        if self.token_kind in {"classic", "scoped"} and not self.email:
            raise ValueError(f"an e-mail address (EMAIL) is needed with a {self.token_kind} token")
        return self


def _usable_address(value: str) -> str:
    address = value.rstrip("/")
    try:
        usable = _ADDRESS.fullmatch(address) and urlsplit(address).port != 0
    except ValueError:  # a port or an IPv6 address that is none
        usable = False
    if not usable:
        raise ValueError("must be an address such as https://acme.atlassian.net, without a path")
    return address


def _json_list(value: object, example: str) -> object:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        raise ValueError(f"must be a JSON list such as {example}") from None


def _usable_token(value: SecretStr) -> SecretStr:
    if not re.fullmatch(r"[!-~]+", value.get_secret_value()):
        raise ValueError("must be one word of ASCII characters, as Atlassian shows it once")
    return value


class OpenSearchSettings(_Section):
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


class DashboardsSettings(_Section):
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


class EngineSettings(_Section):
    """The embedded OpenSearch (``--embedded``)."""

    heap_mb: int = Field(512, ge=256, le=31_000, description="Heap of its Java process in MiB")
    cache_dir: Path | None = Field(
        None, description="Where its files are installed; below data_dir when empty"
    )


class ServiceSettings(_Section):
    """The long-running service."""

    interval_s: int = Field(300, ge=5, le=86_400, description="Seconds between two rounds of a source")
    retention_days: int = Field(
        365, ge=30, le=3650, description="How far back to read and how long to keep events"
    )
    backfill_slice_days: int = Field(30, ge=1, le=365, description="Length of one window of the backfill")
    parallel_windows: int = Field(
        3, ge=1, le=16, description="Windows of one source that are read side by side"
    )
    listen_host: str = Field("127.0.0.1", description="Address on which /metrics and /healthz are served")
    listen_port: int = Field(
        9464, ge=0, le=65_535, description="Port for /metrics and /healthz; 0 picks a free one"
    )
    retry_first_wait_s: float = Field(
        2.0, ge=0.01, le=60, description="First wait before a failed request is tried again"
    )


class PrivacySettings(_Section):
    """What is kept of people."""

    seal_names: bool = Field(
        default=False,
        description="Seal display names in atlaslens-people as well, and leave them out of events",
    )


class LogSettings(_Section):
    """Logging."""

    level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="Least level that is written"
    )
    format: Literal["auto", "json", "console"] = Field(
        "auto", description="auto: console on a terminal, else JSON"
    )


class Settings(_Section):
    """All settings; immutable once read."""

    data_dir: Path = Field(Path(".atlaslens"), description="Folder for keys and the embedded OpenSearch")
    secrets_dir: Path | None = Field(
        None,
        description="Folder with one file per setting, named like it, such as ATLASLENS_OPENSEARCH__PASSWORD",
    )
    key_file: Path | None = Field(None, description="Key file; keys/keyring.json in data_dir when empty")
    sites: dict[str, SiteSettings] = Field(
        default_factory=dict, description="Sites by a short name of your choice: ATLASLENS_SITES__ACME__URL=…"
    )
    opensearch: OpenSearchSettings = OpenSearchSettings()
    dashboards: DashboardsSettings = DashboardsSettings()
    engine: EngineSettings = EngineSettings()
    service: ServiceSettings = ServiceSettings()
    privacy: PrivacySettings = PrivacySettings()
    log: LogSettings = LogSettings()

    @field_validator("sites")
    @classmethod
    def _site_names(cls, value: dict[str, SiteSettings]) -> dict[str, SiteSettings]:
        for name in value:
            if not SITE_NAME.fullmatch(name):
                raise ValueError("site names consist of letters, digits, hyphens and single underscores")
        return value

    @property
    def keyring_path(self) -> Path:
        """Where the keys are."""
        return self.key_file or self.data_dir / "keys" / "keyring.json"

    @property
    def forgotten_path(self) -> Path:
        """Where the list of forgotten people is."""
        return self.data_dir / "people" / "forgotten.json"

    @property
    def engine_cache_dir(self) -> Path:
        """Where the embedded OpenSearch is installed."""
        return self.engine.cache_dir or self.data_dir / "engine"

    @property
    def engine_data_dir(self) -> Path:
        """Where the embedded OpenSearch keeps its data."""
        return self.data_dir / "opensearch"


def load_settings(env_file: Path | None = None) -> Settings:
    """Read and check all settings.

    Args:
        env_file: the ``.env`` file; by default the one named by ``ATLASLENS_ENV_FILE``, else ``.env`` in
            the current folder when there is one.

    Raises:
        ConfigError: a file cannot be read, a name is unknown, or a value cannot be used. The message never
            holds a value.
    """
    path = settings_file(env_file)
    is_named = env_file is not None or bool(os.environ.get(ENV_FILE_VARIABLE))
    in_file = _read_env_file(path, required=is_named)
    if any(name.upper() == SECRETS_FOLDER_VARIABLE for name in in_file):
        raise ConfigError(
            f"{SECRETS_FOLDER_VARIABLE} cannot be set in {path}", hint="set it in the environment"
        )
    secrets = _read_secrets_folder()
    given: dict[str, str] = {}
    for origin, values in (
        ("the secrets folder", secrets),
        (str(path), in_file),
        ("the environment", os.environ),
    ):
        _refuse_unknown(values, origin)
        given |= {name.upper(): value for name, value in values.items() if value}
    return settings_from(given)


def settings_file(named: Path | None = None) -> Path:
    """The settings file: the named one, that of ``ATLASLENS_ENV_FILE``, or ``.env`` in the current folder."""
    return named or Path(os.environ.get(ENV_FILE_VARIABLE) or ".env")


def settings_from(values: Mapping[str, str]) -> Settings:
    """Settings from variables by their full names in capitals, all of which are known.

    Raises:
        ConfigError: a value cannot be used; the message never holds a value.
    """
    try:
        return Settings.model_validate(_nested(values))
    except ValidationError as error:
        raise ConfigError(_first_problem(error), hint="see .env.example") from None


def variable_names() -> dict[str, str]:
    """Every setting's environment name with its description; ``<SITE>`` stands for a site's name."""
    return dict(_variables(Settings, PREFIX))


def _variables(model: type[BaseModel], prefix: str) -> Iterable[tuple[str, str]]:
    for name, info in model.model_fields.items():
        full = f"{prefix}{name.upper()}"
        annotation = info.annotation
        if get_origin(annotation) is dict:
            annotation, full = get_args(annotation)[1], f"{full}{DELIMITER}<SITE>"
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            yield from _variables(annotation, f"{full}{DELIMITER}")
        else:
            yield full, info.description or ""


def _read_env_file(path: Path, *, required: bool) -> dict[str, str]:
    try:
        if not required and not path.exists():
            return {}
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, "it is a folder")
        with path.open(encoding="utf-8") as file:
            values = dotenv_values(stream=file, interpolate=False)
    except OSError as error:
        raise ConfigError(
            f"cannot read the settings file {path}", hint=error.strerror or "check its path"
        ) from error
    except UnicodeDecodeError:  # not chained: it quotes the file
        raise ConfigError(f"cannot read the settings file {path}", hint="it is not UTF-8 text") from None
    for name, value in values.items():
        if value is None and name.upper().startswith(PREFIX):
            raise ConfigError(f"the setting {name} in {path} has no value", hint=f"write {name}=value")
    return {name: value for name, value in values.items() if value is not None}


def _read_secrets_folder() -> dict[str, str]:
    """Contents of the files named like a setting, without white space around them."""
    folder = os.environ.get(SECRETS_FOLDER_VARIABLE)
    if not folder:
        return {}
    place = Path(folder)
    try:
        files = [file for file in place.iterdir() if file.name.upper().startswith(PREFIX) and file.is_file()]
        return {(place := file).name: file.read_text(encoding="utf-8").strip() for file in files}
    except OSError as error:
        raise ConfigError(f"cannot read {place}", hint=error.strerror or "check it") from error
    except UnicodeDecodeError:  # not chained: it quotes the secret
        raise ConfigError(f"cannot read {place}", hint="it is not UTF-8 text") from None


def _nested(given: Mapping[str, str]) -> dict[str, Any]:
    """``{"ATLASLENS_LOG__LEVEL": "info"}`` as ``{"log": {"level": "info"}}``; all names are known."""
    tree: dict[str, Any] = {}
    for name, value in given.items():
        if not name.startswith(PREFIX) or name == ENV_FILE_VARIABLE:
            continue
        *parents, leaf = name.removeprefix(PREFIX).lower().split(DELIMITER)
        part = tree
        for parent in parents:
            part = part.setdefault(parent, {})
        part[leaf] = value
    return tree


def _refuse_unknown(names: Iterable[str], origin: str) -> None:
    known = variable_names()
    patterns = [
        re.compile(re.escape(name).replace(re.escape("<SITE>"), SITE_NAME.pattern.upper()))
        for name in known
        if "<SITE>" in name
    ]
    for given in names:
        name = given.upper()
        if not name.startswith(PREFIX) or name in known or name == ENV_FILE_VARIABLE:
            continue
        if any(pattern.fullmatch(name) for pattern in patterns):
            continue
        raise ConfigError(
            f"unknown setting {name} in {origin}", hint=f"did you mean {_nearest(name, known)}?"
        )


def _nearest(name: str, known: Iterable[str]) -> str:
    parts = name.split(DELIMITER)
    candidates = list(known)
    if parts[0] == f"{PREFIX}SITES" and parts[2:]:
        candidates = [candidate.replace("<SITE>", parts[1]) for candidate in candidates]
    return max(candidates, key=lambda candidate: difflib.SequenceMatcher(None, name, candidate).ratio())


def _first_problem(error: ValidationError) -> str:
    problem = error.errors(include_input=False, include_url=False)[0]
    place = DELIMITER.join(str(part).upper() for part in problem["loc"])
    message = problem["msg"].removeprefix("Value error, ")
    return f"setting {PREFIX}{place}: {message[0].lower()}{message[1:]}"
