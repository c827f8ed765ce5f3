"""Signs requests for OpenSearch that AWS manages (Signature Version 4); needs the extra ``aws``.

Credentials come from where AWS's own tools find them: the environment, a profile of the shared files, or the
role of the container or machine. Serverless collections are not supported: they have neither settings of
indices nor documents with ids of one's own. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from opensearchpy.helpers.signer import AWSV4Signer

from atlaslens_forwarder.errors import ConfigError
from atlaslens_forwarder.storage.connection import QuietConnection

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

SERVICE: Final = "es"
"""AWS's name for managed OpenSearch, from its time as Elasticsearch."""


def open_signer(region: str, profile: str) -> AWSV4Signer:
    """A signer with the credentials of this machine; ``profile`` names one of them, the usual when empty.

    Raises:
        ConfigError: the extra is not installed, or there are no such credentials.
    """
    try:
        from botocore.exceptions import BotoCoreError  # noqa: PLC0415  optional extra
        from botocore.session import Session  # noqa: PLC0415
    except ImportError as error:
        raise ConfigError(
            "signing requests for AWS is not installed", hint="pip install 'atlaslens-forwarder[aws]'"
        ) from error
    named = f" for the profile {profile}" if profile else ""
    try:
        credentials = Session(profile=profile or None).get_credentials()
    except BotoCoreError as error:
        raise ConfigError(
            f"AWS credentials{named} cannot be read ({type(error).__name__})", hint="check ~/.aws/config"
        ) from error
    if credentials is None:
        raise ConfigError(
            f"there are no AWS credentials{named}",
            hint="set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile, or give this machine a role",
        )
    return AWSV4Signer(credentials, region, SERVICE)


class SignedConnection(QuietConnection):
    """A connection that signs what it sends."""

    def __init__(self, *, signer: AWSV4Signer, **options: Any) -> None:
        super().__init__(**options)
        self._signer = signer

    async def perform_request(  # noqa: PLR0917
        self,
        method: str,
        url: str,
        params: Mapping[str, Any] | None = None,
        body: bytes | None = None,
        timeout: float | None = None,  # noqa: ASYNC109  the base class's own signature
        ignore: Collection[int] = (),
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """Send a request with the headers of its signature."""
        query = f"?{urlencode(params)}" if params else ""
        signature = self._signer.sign(method, f"{self.host}{self.url_prefix}{url}{query}", body)
        return await super().perform_request(
            method, url, params, body, timeout, ignore, {**(headers or {}), **signature}
        )
