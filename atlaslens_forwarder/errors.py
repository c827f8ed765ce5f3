"""Every exception this product raises, named by what the caller should do about it.

::

    AtlaslensError                 exit 1   base; carries ``hint`` (what to do) and ``exit_code``
    ├── ConfigError                exit 2   settings, arguments or files the user wrote
    ├── UnreachableError           exit 3   a server does not answer, or refuses us
    │   └── EngineError            exit 3   the embedded OpenSearch cannot be installed or started
    ├── CheckFailedError           exit 1   a check ran and its answer is no (drift, broken evidence)
    │   └── EvidenceError          exit 1   an evidence file cannot be read or does not verify
    ├── StoreError                 exit 3   OpenSearch answered, but not as it must
    │   └── FencedError            exit 1   somebody else holds or changed the state we wanted to write
    ├── SomeSourcesFailedError     exit 4   a round ended, some sources did not
    └── SourceError                exit 4   one source could not be read
        ├── AccessError                     credentials, plan, scope: retrying does not help
        │   └── NotFoundError               what was asked for is not there, or hidden from us
        ├── TransientError                  worth another try (429, 5xx, network)
        └── FormatError                     an answer that does not have the documented form

No public exception is defined anywhere else. Messages are one line, hold no secret, e-mail address
or answer body, and ``hint`` says what to do next.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from atlaslens_forwarder.model.status import SourceStatus

EXIT_OK = 0
EXIT_CHECK_FAILED = 1
EXIT_USAGE = 2
EXIT_UNREACHABLE = 3
EXIT_SOURCES_FAILED = 4


class AtlaslensError(Exception):
    """A failure that is told to the user in one line: what happened, then what to do."""

    exit_code: ClassVar[int] = EXIT_CHECK_FAILED

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def one_line(self) -> str:
        """Message and hint as a single line of text."""
        text = f"{self.message}: {self.hint}" if self.hint else self.message
        return " ".join(text.split())


class ConfigError(AtlaslensError):
    """Settings, arguments or files that the user wrote cannot be used."""

    exit_code = EXIT_USAGE


class UnreachableError(AtlaslensError):
    """A server does not answer, or refuses our credentials."""

    exit_code = EXIT_UNREACHABLE


class EngineError(UnreachableError):
    """The embedded OpenSearch cannot be installed or started."""


class CheckFailedError(AtlaslensError):
    """A check was carried out and failed."""


class EvidenceError(CheckFailedError):
    """An evidence file cannot be read or does not verify."""


class StoreError(AtlaslensError):
    """OpenSearch answered, but refused or failed what we asked."""

    exit_code = EXIT_UNREACHABLE


class FencedError(StoreError):
    """Another forwarder changed the state we were about to write; our copy is out of date."""

    exit_code = EXIT_CHECK_FAILED


class SomeSourcesFailedError(AtlaslensError):
    """A round is over and at least one source could not be read."""

    exit_code = EXIT_SOURCES_FAILED


class SourceError(AtlaslensError):
    """One source could not be read; the others go on."""

    exit_code = EXIT_SOURCES_FAILED

    def __init__(self, message: str, *, status: SourceStatus, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.status = status


class AccessError(SourceError):
    """The credential, its scope or the plan does not allow this; trying again does not help."""


class NotFoundError(AccessError):
    """What was asked for does not exist (any more), or is hidden from this account (HTTP 404)."""


class TransientError(SourceError):
    """Another try may succeed, not before ``wait_s`` seconds have passed.

    ``scope`` tells what has to wait: ``request``, ``endpoint`` (burst limits) or ``product`` (quota).
    """

    def __init__(
        self,
        message: str,
        *,
        status: SourceStatus,
        wait_s: float | None = None,
        scope: str = "request",
        hint: str = "",
    ) -> None:
        super().__init__(message, status=status, hint=hint)
        self.wait_s = wait_s
        self.scope = scope


class FormatError(SourceError):
    """The answer does not have the documented form; nothing of its window is marked covered."""
