"""Settings: what they are (one module per part), and how they are read from the environment."""

from __future__ import annotations

from atlaslens_forwarder.settings.alerts import AlertSettings
from atlaslens_forwarder.settings.confidential import confidential_texts, masked
from atlaslens_forwarder.settings.evidence import EvidenceSettings
from atlaslens_forwarder.settings.permissions import open_paths
from atlaslens_forwarder.settings.reading import (
    DELIMITER,
    ENV_FILE_VARIABLE,
    PREFIX,
    SECRETS_FOLDER_VARIABLE,
    load_settings,
    settings_file,
    settings_from,
    variable_names,
)
from atlaslens_forwarder.settings.reports import ReportSettings
from atlaslens_forwarder.settings.service import LogSettings, PrivacySettings, ServiceSettings
from atlaslens_forwarder.settings.settings import Settings
from atlaslens_forwarder.settings.sites import (
    SITE_NAME,
    BitbucketSettings,
    OrganisationSettings,
    SiteSettings,
)
from atlaslens_forwarder.settings.store import (
    AccountSettings,
    DashboardsSettings,
    EngineSettings,
    OpenSearchSettings,
)

__all__ = [
    "DELIMITER",
    "ENV_FILE_VARIABLE",
    "PREFIX",
    "SECRETS_FOLDER_VARIABLE",
    "SITE_NAME",
    "AccountSettings",
    "AlertSettings",
    "BitbucketSettings",
    "DashboardsSettings",
    "EngineSettings",
    "EvidenceSettings",
    "LogSettings",
    "OpenSearchSettings",
    "OrganisationSettings",
    "PrivacySettings",
    "ReportSettings",
    "ServiceSettings",
    "Settings",
    "SiteSettings",
    "confidential_texts",
    "load_settings",
    "masked",
    "open_paths",
    "settings_file",
    "settings_from",
    "variable_names",
]
