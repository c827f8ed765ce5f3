"""Detection rules and where alerts go."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator

from atlaslens_forwarder.settings.section import Section, web_address


class AlertSettings(Section):
    """Detection rules, docs/rules.md."""

    evaluate: Literal["auto", "always", "never"] = Field(
        "auto",
        description="Whether the forwarder evaluates the rules; auto: where OpenSearch Alerting is missing",
    )
    webhook_url: SecretStr = Field(
        SecretStr(""), description="Address that is called for each alert; none when empty"
    )
    webhook_secret: SecretStr = Field(
        SecretStr(""), description="Shared secret that signs the calls (HMAC-SHA-256)"
    )
    channel_id: str = Field(
        "", description="Notifications channel that OpenSearch Alerting sends to; none when empty"
    )

    @field_validator("webhook_url")
    @classmethod
    def _web_address(cls, value: SecretStr) -> SecretStr:
        web_address(value.get_secret_value(), "https://alerts.example/hook")
        return value

    @model_validator(mode="after")
    def _signed(self) -> Self:
        if self.webhook_url.get_secret_value() and not self.webhook_secret.get_secret_value():
            raise ValueError("WEBHOOK_URL needs a WEBHOOK_SECRET, so that its receiver knows us")
        return self
