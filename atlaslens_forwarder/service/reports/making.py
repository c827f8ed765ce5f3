"""One report of one period: claimed, exported aside, recorded, and put into the folder at once."""

from __future__ import annotations

import secrets
import shutil
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.errors import ConfigError, FencedError
from atlaslens_forwarder.evidence.layout import MANIFEST
from atlaslens_forwarder.evidence.staging import ZIP_SUFFIX, unwritable
from atlaslens_forwarder.model.time import DAY_MS
from atlaslens_forwarder.service.exporting import export_evidence
from atlaslens_forwarder.service.reports.book import MADE, MAKING, Books, Entry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from atlaslens_forwarder.evidence.export import ExportResult
    from atlaslens_forwarder.service.reports.book import Book
    from atlaslens_forwarder.service.reports.calendar import Period
    from atlaslens_forwarder.service.reports.definition import Report
    from atlaslens_forwarder.service.store import Store

_FOLDER_MODE: Final = 0o750


class ReportMaker:
    """Makes reports and removes those that are not to be kept.

    Args:
        store: the store.
        folder: where reports are put; made when it is missing.
        signing_path: the file of the signing keys.
        clock: the present, epoch milliseconds.
    """

    def __init__(self, store: Store, folder: Path, signing_path: Path, clock: Callable[[], int]) -> None:
        self.store = store
        self.books = Books(store.state)
        self._folder = folder
        self._signing_path = signing_path
        self._clock = clock

    def target(self, report: Report, period: Period) -> Path:
        """Where the bundle of a period is put."""
        return self._folder / report.file_name(period)

    async def make(self, report: Report, period: Period) -> ExportResult:
        """Make the bundle of a period; an existing one is never replaced.

        What appears in the folder is whole, and is in the custody log. After a failure nothing is there.

        Raises:
            ConfigError: the folder cannot be used, the bundle exists, or a person of the filter is unknown.
            FencedError: another forwarder makes it at this moment.
            StoreError: OpenSearch failed; so for all that ``export_evidence`` raises.
        """
        target = self.target(report, period)
        if target.exists():
            raise ConfigError(f"{target} exists", hint="it is not replaced; move it away to make it anew")
        book = await self.books.open(report.name, self._clock())
        before = book.of(period.name)
        if before.status == MAKING and not before.is_free(self._clock()):
            raise FencedError(f"{target.name} is being made by another forwarder", hint="wait for it")
        claim = Entry(MAKING, self._clock(), before.failures)
        book = await self.books.write(book, period.name, claim)
        try:
            with self._aside(target) as place:
                result = await export_evidence(
                    self.store,
                    report.wanted(period),
                    report.formats,
                    place,
                    signing_path=self._signing_path,
                    clock=self._clock,
                )
                book = await self.books.write(book, period.name, replace(claim, at_ms=self._clock()))
                _publish(place, target)
        except Exception:
            await self.books.fail(book, period.name, self._clock())
            raise
        await self.books.write(book, period.name, _made(result, self._clock()))
        return replace(result, path=target)

    async def adopt(self, book: Book, period: Period) -> None:
        """Take a bundle that is in the folder for made: whoever made it fell before it could say so.

        Raises:
            FencedError: somebody else has changed the book.
            StoreError: the state cannot be written.
        """
        await self.books.write(book, period.name, Entry(MADE, self._clock()))

    def remove_old(self, report: Report) -> list[str]:
        """Remove bundles of a report that are not to be kept any more; the names of those removed.

        Raises:
            ConfigError: one cannot be removed.
        """
        removed: list[str] = []
        for place in self._unkept(report):
            try:
                if place.is_dir():
                    shutil.rmtree(place)
                else:
                    place.unlink()
            except OSError as error:
                raise unwritable(place, error) from None
            removed.append(place.name)
        return removed

    def _unkept(self, report: Report) -> list[Path]:
        if (report.keep, report.keep_days) == (None, None):
            return []
        found: list[tuple[int, Path]] = []
        for place in self._folder.glob(f"{report.name}-*{report.suffix}"):
            name = place.name.removeprefix(f"{report.name}-").removesuffix(report.suffix)
            try:
                period = report.schedule.named(name)
            except ValueError:
                continue  # of another report, or of no report
            if place.is_file() if report.suffix == ZIP_SUFFIX else (place / MANIFEST).is_file():
                found.append((period.to_ms, place))
        found.sort(reverse=True)
        oldest_ms = self._clock() - (report.keep_days or 0) * DAY_MS
        return [
            place
            for number, (to_ms, place) in enumerate(found)
            if (report.keep is not None and number >= report.keep)
            or (report.keep_days is not None and to_ms < oldest_ms)
        ]

    @contextmanager
    def _aside(self, target: Path) -> Iterator[Path]:
        """A hidden folder of this try alone beside the target; those of tries that fell are removed."""
        hidden = f".{target.name}."
        aside = self._folder / f"{hidden}{secrets.token_hex(4)}"
        try:
            self._folder.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
            for left in self._folder.glob(f"{hidden}*"):
                shutil.rmtree(left, ignore_errors=True)
            aside.mkdir(mode=_FOLDER_MODE)
        except OSError as error:
            raise unwritable(aside, error) from None
        try:
            yield aside / target.name
        finally:
            shutil.rmtree(aside, ignore_errors=True)


def _publish(place: Path, target: Path) -> None:
    """Give the bundle its name; right after the claim was renewed, so that nobody else does so too."""
    if target.exists():
        raise ConfigError(f"{target} exists", hint="it is not replaced; move it away to make it anew")
    try:
        place.rename(target)
    except OSError as error:
        raise unwritable(target, error) from None


def _made(result: ExportResult, now_ms: int) -> Entry:
    return Entry(
        MADE,
        now_ms,
        count=result.count,
        verdict=str(result.claims.coverage.get("verdict", "")),
        manifest_sha256=result.manifest_sha256,
    )
