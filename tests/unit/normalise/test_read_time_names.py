"""What a rename may touch, and what identifies a Confluence author."""

from __future__ import annotations

import pytest

from atlaslens_forwarder.normalise.read_time_names import DOCUMENT_PATHS, ORGANISATION_PATHS, identity_view
from tests.unit.normalise.rows import golden_row
from tests.unit.normalise.templates import event_fields

ROW = "a user gets a permission in a space"


def test_the_view_keeps_of_the_author_only_the_id():
    row = golden_row("confluence", ROW)
    assert identity_view(row)["author"] == {"accountId": row["author"]["accountId"]}


@pytest.mark.parametrize(
    ("author", "kept"),
    [
        ({"accountId": "", "userKey": "8a7f", "username": "ada", "displayName": "Ada"}, {"userKey": "8a7f"}),
        ({"username": "ada", "displayName": "Ada"}, {"username": "ada"}),
        ({"accountId": None, "displayName": "Mallory", "publicName": "M"}, {"displayName": "Mallory"}),
        ({"type": "user"}, {}),
    ],
)
def test_the_strongest_id_is_kept_and_a_name_only_without_any(author, kept):
    assert identity_view({"author": author, "summary": "x"}) == {"author": kept, "summary": "x"}


def test_withdrawn_legacy_keys_do_not_make_a_row_new():
    row = golden_row("confluence", ROW)
    with_keys = row | {"author": row["author"] | {"userKey": "8a7f", "username": "ada"}}
    assert identity_view(with_keys) == identity_view(row)


def test_the_view_leaves_the_row_as_it_was():
    row = golden_row("confluence", ROW)
    identity_view(row)
    assert row == golden_row("confluence", ROW)


@pytest.mark.parametrize("row", [{"summary": "x"}, {"author": None}, {"author": ["Ada"]}])
def test_a_row_without_a_proper_author_is_its_own_view(row):
    assert identity_view(row) == row


def test_the_paths_exist():
    assert event_fields().keys() >= DOCUMENT_PATHS | ORGANISATION_PATHS
