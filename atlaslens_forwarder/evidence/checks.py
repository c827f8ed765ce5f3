"""The verdict of a verification: a line for each claim, and no silence about what was not checked. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from atlaslens_forwarder.model.json import JsonObject


class Verdict(StrEnum):
    """What a check found."""

    OK = "ok"
    FAILED = "failed"
    NOT_CHECKED = "not-checked"


@dataclass(frozen=True, slots=True)
class Check:
    """One claim and what became of it; ``detail`` names, for people, the first row and field that differ."""

    name: str
    verdict: Verdict
    detail: str

    @property
    def ok(self) -> bool | None:
        """True or False, None where the claim could not be checked."""
        return None if self.verdict is Verdict.NOT_CHECKED else self.verdict is Verdict.OK


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """All checks in the order in which they were made, and the count that the manifest claims."""

    file: str
    count: int
    manifest_sha256: str
    checks: tuple[Check, ...]

    @property
    def ok(self) -> bool:
        """Whether no check failed. What was not checked does not count as proven: show it beside this."""
        return not self.failed

    @property
    def failed(self) -> tuple[Check, ...]:
        """The checks whose answer is no."""
        return tuple(check for check in self.checks if check.verdict is Verdict.FAILED)

    @property
    def not_checked(self) -> tuple[Check, ...]:
        """The claims that nobody checked, each with the reason."""
        return tuple(check for check in self.checks if check.verdict is Verdict.NOT_CHECKED)

    def to_json(self) -> JsonObject:
        """The report for ``--json``."""
        return {
            "file": self.file,
            "ok": self.ok,
            "count": self.count,
            "manifest_sha256": self.manifest_sha256,
            "checks": [
                {"name": check.name, "verdict": check.verdict.value, "detail": check.detail}
                for check in self.checks
            ],
        }


def passed(name: str, detail: str) -> Check:
    """A claim that holds."""
    return Check(name, Verdict.OK, detail)


def failed(name: str, detail: str) -> Check:
    """A claim that does not hold."""
    return Check(name, Verdict.FAILED, detail)


def not_checked(name: str, detail: str) -> Check:
    """A claim that could not be checked, and why."""
    return Check(name, Verdict.NOT_CHECKED, detail)


def faultless(name: str, fault: str, fine: str) -> Check:
    """A claim that fails by the fault that was found, and holds without one."""
    return failed(name, fault) if fault else passed(name, fine)


def equal(name: str, what: str, claimed: object, found: object) -> Check:
    """A claim that one value is another."""
    if claimed == found:
        return passed(name, f"{what}: {found}")
    return failed(name, f"{what}: the manifest says {claimed}, the file has {found}")
