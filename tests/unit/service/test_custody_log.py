"""The check of the custody log finds each kind of harm at each place, and nothing in a log that is right."""

from __future__ import annotations

import copy
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atlaslens_forwarder.privacy.keyring import Keyring
from atlaslens_forwarder.privacy.origin import origin_of, stamp
from atlaslens_forwarder.service.custody_log import body_of, check_log

KEYS = Keyring.generate()


def row(number, previous, **custody):
    made = {
        "event": {"action": "exported"},
        "custody": {"number": number, "body": json.dumps({"n": number}), **custody},
    }
    if previous:
        made["custody"]["previous_hash"] = previous
    stamp(made, KEYS)
    return made


def log(length):
    rows, previous = [], ""
    for number in range(1, length + 1):
        rows.append((f"{number:012d}", row(number, previous)))
        previous = rows[-1][1]["event"]["hash"]
    return rows


LOG = log(6)


async def checked(rows, keys=KEYS):
    async def each():
        for one in rows:
            yield one

    return await check_log(each(), lambda found: origin_of(found, keys))


async def test_a_log_that_is_right_has_no_fault_and_ends_with_the_hash_of_its_last_row():
    found = await checked(LOG)

    assert (found.rows, found.fault) == (6, "")
    assert found.last_hash == LOG[-1][1]["event"]["hash"]
    assert (await checked([])).fault == ""


@given(st.integers(0, 4))
async def test_a_missing_row_is_named(at):
    found = await checked(LOG[:at] + LOG[at + 1 :])

    assert (found.rows, found.fault) == (at, f"row {at + 1} is missing")


@given(st.integers(0, 5), st.sampled_from(["action", "body", "reason"]))
async def test_an_altered_row_is_named(at, what):
    rows = copy.deepcopy(LOG)
    if what == "action":
        rows[at][1]["event"]["action"] = "verified"
    elif what == "body":
        rows[at][1]["custody"]["body"] = "{}"
    else:
        rows[at][1]["custody"]["reason"] = "another"
    found = await checked(rows)

    assert found.rows == at
    assert f"row {at + 1}" in found.fault


async def test_rows_that_were_put_in_the_place_of_others_are_named():
    forged = [*LOG[:2], ("000000000003", row(3, "other")), *LOG[3:]]
    assert "does not follow row 2" in (await checked(forged)).fault
    assert "twice" in (await checked([*LOG[:3], LOG[2]])).fault
    assert "id of another" in (await checked([*LOG[:2], ("000000000009", LOG[2][1])])).fault
    assert "no number" in (await checked([*LOG, ("x", {"custody": {}})])).fault


async def test_without_the_key_no_row_is_called_right_or_forged():
    found = await checked(LOG, Keyring.generate())

    assert "key of its origin hash" in found.fault


@pytest.mark.parametrize(
    "bad", [{}, {"custody": {}}, {"custody": {"body": "{"}}, {"custody": {"body": "[]"}}]
)
def test_a_body_without_its_form_is_empty(bad):
    assert body_of(bad) == {}
