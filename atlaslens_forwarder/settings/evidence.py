"""Signatures of exports and seals."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from atlaslens_forwarder.settings.section import Section


class EvidenceSettings(Section):
    """What evidence is signed with."""

    signing_key_file: Path | None = Field(
        None, description="File of the signing keys; keys/signing.json in data_dir when empty"
    )
