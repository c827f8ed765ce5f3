"""All settings in one tree."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, field_validator

from atlaslens_forwarder.settings.alerts import AlertSettings
from atlaslens_forwarder.settings.evidence import EvidenceSettings
from atlaslens_forwarder.settings.reports import ReportSettings
from atlaslens_forwarder.settings.section import Section
from atlaslens_forwarder.settings.service import LogSettings, PrivacySettings, ServiceSettings
from atlaslens_forwarder.settings.sites import SITE_NAME, SiteSettings
from atlaslens_forwarder.settings.store import DashboardsSettings, EngineSettings, OpenSearchSettings


class Settings(Section):
    """All settings; immutable once read."""

    data_dir: Path = Field(Path(".atlaslens"), description="Folder for keys and the embedded OpenSearch")
    secrets_dir: str = Field(
        "",
        description="Folders, separated by colons, with one file per setting, named like it",
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
    alerts: AlertSettings = AlertSettings()
    evidence: EvidenceSettings = EvidenceSettings()
    reports: ReportSettings = ReportSettings()
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
    def signing_path(self) -> Path:
        """Where the signing keys are."""
        return self.evidence.signing_key_file or self.data_dir / "keys" / "signing.json"

    @property
    def seals_dir(self) -> Path:
        """Where what is kept of seals outside the store is."""
        return self.data_dir / "seals"

    @property
    def reports_dir(self) -> Path:
        """Where scheduled reports are put."""
        return self.reports.folder or self.data_dir / "reports"

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
