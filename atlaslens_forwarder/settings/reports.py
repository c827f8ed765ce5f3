"""Which reports are made by themselves, and where they are put."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from atlaslens_forwarder.settings.section import Section


class ReportSettings(Section):
    """Scheduled reports, docs/reports.md."""

    file: Path | None = Field(None, description="YAML file of the scheduled reports; none when empty")
    folder: Path | None = Field(
        None, description="Folder that the reports are put into; reports in data_dir when empty"
    )
