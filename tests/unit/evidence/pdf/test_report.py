"""Whole reports, read back through PDFium as a reader's program would."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pypdfium2
import pytest

from atlaslens_forwarder.errors import ConfigError, EvidenceError
from atlaslens_forwarder.evidence.pdf.report import PdfVolume, write_pdf
from tests.unit.evidence.pdf.made_reports import (
    CREATED_MS,
    PEOPLE,
    awkward_events,
    sample_event,
    sample_facts,
)

if TYPE_CHECKING:
    from atlaslens_forwarder.evidence.pdf.facts import ReportFacts
    from atlaslens_forwarder.model.json import JsonObject


def make(folder: Path, events: list[JsonObject], facts: ReportFacts | None = None, **options: int):
    """Write a report of these events."""
    return write_pdf(
        partial(iter, events), facts or sample_facts(events), folder, created_ms=CREATED_MS, **options
    )


def pages_of(volume: PdfVolume) -> list[str]:
    """The text of each page."""
    with pypdfium2.PdfDocument(volume.path) as document:
        return [page.get_textpage().get_text_range() for page in document]


def squeezed(texts: list[str]) -> str:
    """The texts without white space, so that a wrapped value reads as one."""
    return re.sub(r"\s+", "", "".join(texts))


@pytest.fixture(scope="module")
def awkward(tmp_path_factory: pytest.TempPathFactory) -> tuple[PdfVolume, list[str]]:
    """The report of the awkward events, and the text of its pages."""
    (volume,) = make(tmp_path_factory.mktemp("awkward"), awkward_events())
    return volume, pages_of(volume)


def test_nothing_of_a_row_is_cut_or_lost(awkward: tuple[PdfVolume, list[str]]) -> None:
    text = squeezed(awkward[1])
    for number in range(160):
        assert f"word{number}" in text
    for number in range(200):
        assert f"field{number}:old{number}→new{number}" in text
    assert "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 2 in text
    assert "K" * 90 in text
    assert "日本語の長い文章は空白がないので、どこでも改行できるはずです。" * 6 in text
    assert [row for row in range(1, 12) if f"row{row}" not in text] == []


def test_names_of_many_scripts_can_be_read_and_copied(awkward: tuple[PdfVolume, list[str]]) -> None:
    text = "\n".join(awkward[1])
    for name in ("Zoë Ærøskøbing", "Παναγιώτης Γεωργίου", "Екатерина Смирнова", "山田太郎", "김민준"):
        assert name in text
    for name in ("สมชาย", "अमित क्षत्रिय", "שרה כהן", "محمد علي"):
        assert name in text


def test_what_cannot_be_seen_is_written_by_its_number(awkward: tuple[PdfVolume, list[str]]) -> None:
    text = squeezed(awkward[1])
    assert "hidden[U+202E]reversed[U+202C],unknown[U+12345],bell[U+0007],tabendnewline" in text


def test_every_page_has_its_number_and_both_digests(awkward: tuple[PdfVolume, list[str]]) -> None:
    volume, pages = awkward
    facts = sample_facts([])
    assert volume.pages == len(pages)
    for number, text in enumerate(pages, 1):
        assert f"page {number} of {len(pages)}" in text
        assert facts.events_sha256 in text
        assert facts.merkle_root in text


def test_every_page_of_the_table_has_its_head(awkward: tuple[PdfVolume, list[str]]) -> None:
    table = [text for text in awkward[1] if "Time (UTC)" in text]
    assert len(table) == 7
    assert all("To whom or what" in text and "Message" in text for text in table)
    assert sum("continued" in text for text in table) == 4


def test_the_cover_shows_every_stamp_in_full(tmp_path: Path) -> None:
    events = [sample_event(number) for number in range(3)]
    facts = sample_facts(events, repeated=1)
    (volume,) = make(tmp_path, events, facts)
    cover = pages_of(volume)[0]
    for stamp in (
        facts.title,
        "3 (1 of them repeat time and id of the one before)",
        facts.first,
        facts.last,
        facts.key.key_id,
        facts.key.fingerprint,
        facts.exported_by,
        "2026-04-01T12:00:00.000Z",
        "atlaslens_forwarder 0.1.0",
        f"{facts.cluster_name}, UUID {facts.cluster_uuid}",
        "atlaslens-audit-2026.01, UUID aGbF0b3RT2yJ9l8n2m1pZw, append-only",
        "NOT append-only",
        "Note: atlaslens-audit-2026.02 is not append-only",
        *(f"{name} {value}" for name, value in facts.criteria),
    ):
        assert stamp.replace(" ", "") in squeezed([cover])


def test_holes_and_gaps_are_stated_with_their_reasons(awkward: tuple[PdfVolume, list[str]]) -> None:
    text = " ".join("\n".join(awkward[1]).split())
    assert "hole: 2026-02-10T00:00:00.000Z to 2026-02-17T00:00:00.000Z: expired: the token was" in text
    assert "the last 12 hours may still change" in text
    assert "None of the following was observed to be zero" in text
    assert "sign-ins and sign-outs, failed ones" in text
    assert "not read in full by some source: unknown, not zero" in text


def test_no_event_and_no_signature_are_said(tmp_path: Path) -> None:
    (volume,) = make(tmp_path, [], sample_facts([], key=None))
    text = "\n".join(pages_of(volume))
    assert volume.path.name == "report.pdf"
    assert "this bundle is not signed" in text
    assert "No event matches what was asked for" in text
    assert "Time (UTC)" not in text


def test_volumes_share_the_rows_between_them(tmp_path: Path) -> None:
    volumes = make(tmp_path, [sample_event(number) for number in range(7)], events_per_volume=3)
    assert [volume.path.name for volume in volumes] == ["report-001.pdf", "report-002.pdf", "report-003.pdf"]
    assert [(volume.first_row, volume.count) for volume in volumes] == [(1, 3), (4, 3), (7, 1)]
    for number, volume in enumerate(volumes, 1):
        pages = pages_of(volume)
        assert f"volume {number} of 3, page 1 of {len(pages)}" in pages[0]
        rows = [int(row) for text in pages for row in re.findall(r"^row (\d+)\s*$", text, re.MULTILINE)]
        assert rows == list(range(volume.first_row, volume.first_row + volume.count))
    assert "EVIDENCE REPORT" not in "\n".join(pages_of(volumes[1]))


def test_same_input_and_time_give_the_same_bytes_in_another_process(
    awkward: tuple[PdfVolume, list[str]], tmp_path: Path
) -> None:
    program = (
        "import sys\nfrom pathlib import Path\nfrom tests.unit.evidence.pdf.made_reports import *\n"
        "from atlaslens_forwarder.evidence.pdf.report import write_pdf\n"
        "events = awkward_events()\n"
        "write_pdf(lambda: iter(events), sample_facts(events), Path(sys.argv[1]), created_ms=CREATED_MS)\n"
    )
    root = Path(__file__).parents[4]
    subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=True, timeout=120, cwd=root)
    assert (tmp_path / "report.pdf").read_bytes() == awkward[0].path.read_bytes()


def test_outline_and_properties_name_the_report(awkward: tuple[PdfVolume, list[str]]) -> None:
    with pypdfium2.PdfDocument(awkward[0].path) as document:
        titles = [entry.get_title() for entry in document.get_toc()]
        assert document.get_metadata_value("Title") == "Security events: evidence report"
        assert sample_facts([]).events_sha256 in document.get_metadata_value("Subject")
    assert titles == [
        *("Cover", "Summary", "Coverage", "What this report cannot show", "How to check this report"),
        *("Events", "2026-01-01"),
    ]


def test_a_wrong_count_is_refused(tmp_path: Path) -> None:
    events = [sample_event(1)]
    with pytest.raises(EvidenceError, match="2 events are stated, but there are 1"):
        make(tmp_path, events, replace(sample_facts(events), count=2))
    assert list(tmp_path.iterdir()) == []


def test_an_event_without_a_time_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EvidenceError, match="@timestamp"):
        make(tmp_path, [{"@timestamp": "never"}])


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"cannot write .*report\.pdf"):
        make(tmp_path / "missing", [])


def test_only_owner_and_group_may_read_it(awkward: tuple[PdfVolume, list[str]]) -> None:
    assert awkward[0].path.stat().st_mode & 0o137 == 0


def test_the_summary_names_people_with_their_ids(awkward: tuple[PdfVolume, list[str]]) -> None:
    text = "\n".join(awkward[1])
    person = "5b10ac8d82e05b22cc7d4ef5"
    assert re.search(rf"{PEOPLE[person]}[\s\d]+{person}", text)
