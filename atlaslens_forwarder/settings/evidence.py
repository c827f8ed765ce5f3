"""Signatures of exports and seals, how often seals are made, and who is told of them."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from pydantic import Field, SecretStr, field_validator, model_validator

from atlaslens_forwarder.settings.section import Section, web_address


class EvidenceSettings(Section):
    """What evidence is signed with, and the seals, docs/seals.md."""

    signing_key_file: Path | None = Field(
        None, description="File of the signing keys; keys/signing.json in data_dir when empty"
    )
    seal_interval_s: int = Field(3600, ge=10, le=86_400, description="Seconds between two seals of the store")
    seal_file: Path | None = Field(
        None, description="File to which the head of the seals is appended, best on another machine's volume"
    )
    seal_webhook_url: SecretStr = Field(
        SecretStr(""), description="Address that is called with the head of the seals; none when empty"
    )
    seal_webhook_secret: SecretStr = Field(
        SecretStr(""), description="Shared secret that signs these calls (HMAC-SHA-256)"
    )
    timestamp_url: str = Field(
        "", description="Time-stamp authority (RFC 3161) that stamps each seal; none when empty"
    )
    timestamp_ca_file: Path | None = Field(
        None, description="PEM file of the certificates that its time stamps are verified with"
    )

    @field_validator("seal_webhook_url")
    @classmethod
    def _webhook(cls, value: SecretStr) -> SecretStr:
        web_address(value.get_secret_value(), "https://heads.example/hook")
        return value

    @field_validator("timestamp_url")
    @classmethod
    def _authority(cls, value: str) -> str:
        return web_address(value, "https://tsa.example/tsr")

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.seal_webhook_url.get_secret_value() and not self.seal_webhook_secret.get_secret_value():
            raise ValueError("SEAL_WEBHOOK_URL needs a SEAL_WEBHOOK_SECRET, so that its receiver knows us")
        if self.timestamp_url and self.timestamp_ca_file is None:
            raise ValueError("TIMESTAMP_URL needs a TIMESTAMP_CA_FILE, so that its stamps can be verified")
        return self
