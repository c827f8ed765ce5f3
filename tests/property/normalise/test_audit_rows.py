"""For any row: a deterministic, mapped document, which a rename changes in declared paths only."""

from __future__ import annotations

import copy

from hypothesis import given, settings
from hypothesis import strategies as st

from atlaslens_forwarder.model.canonical import canonical_bytes
from atlaslens_forwarder.model.event import Event, Rejected
from atlaslens_forwarder.normalise.actions.table import WORDINGS
from atlaslens_forwarder.normalise.read_time_names import DOCUMENT_PATHS, identity_view
from tests.unit.normalise.rows import confluence_event, jira_event, paths
from tests.unit.normalise.templates import event_fields

FIELDS = event_fields().keys()
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
WORDS = st.one_of(
    TEXT, st.sampled_from(sorted({s for ws in WORDINGS.values() for w in ws for s in w.summaries}))
)


def some(**fields):
    """Objects with any selection of ``fields``, each of its kind or null."""
    return st.fixed_dictionaries({}, optional={name: st.none() | kind for name, kind in fields.items()})


KINDS = st.one_of(
    TEXT,
    st.sampled_from(["USER", "GROUP", "PROJECT", "SCHEME", "ISSUE_DELETE", "User", "Group", "Space", ""]),
)
CHANGE_FIELDS = st.one_of(
    TEXT, st.sampled_from(["Users", "Groups", "Group", "Type", "Value", "Key", "Space key", "Project type"])
)
JIRA_ITEM = some(id=TEXT, name=TEXT, typeName=KINDS, parentId=TEXT, parentName=TEXT)
JIRA_ROW = some(
    id=st.integers(0, 2**53 - 1),
    summary=WORDS,
    category=TEXT,
    remoteAddress=st.one_of(TEXT, st.ip_addresses().map(str)),
    authorKey=TEXT,
    authorAccountId=TEXT,
    eventSource=TEXT,
    description=TEXT,
    objectItem=JIRA_ITEM,
    changedValues=st.lists(some(fieldName=CHANGE_FIELDS, changedFrom=TEXT, changedTo=TEXT), max_size=3),
    associatedItems=st.lists(JIRA_ITEM, max_size=3),
    unknown=st.recursive(TEXT | st.floats(allow_nan=False, allow_infinity=False), st.lists, max_leaves=3),
).map(lambda row: row | {"created": "2026-01-01T00:00:00.000+0000"})

NAMES = some(
    displayName=TEXT, publicName=TEXT, accountType=st.sampled_from(["", "atlassian", "app", "customer"]),
    type=TEXT, isExternalCollaborator=st.booleans(), externalCollaborator=st.booleans(), operations=st.none(),
)  # fmt: skip
THING = some(name=TEXT, objectType=KINDS)
CONFLUENCE_ROW = some(
    remoteAddress=TEXT,
    summary=WORDS,
    description=TEXT,
    category=TEXT,
    sysAdmin=st.booleans(),
    superAdmin=st.booleans(),
    affectedObject=THING,
    changedValues=st.lists(
        some(name=CHANGE_FIELDS, oldValue=TEXT, newValue=TEXT, hiddenOldValue=TEXT, hiddenNewValue=TEXT),
        max_size=3,
    ),
    associatedObjects=st.lists(THING, max_size=3),
).map(lambda row: row | {"creationDate": 1767225600123})
ACCOUNT = st.sampled_from(["accountId", "userKey", "username"]).flatmap(
    lambda key: st.text("abc0123456789:-", min_size=1, max_size=20).map(lambda value: {key: value})
)


def without(doc, dotted):
    """A copy of ``doc`` without one path; an object left empty goes too."""
    doc = copy.deepcopy(doc)
    head, _, leaf = dotted.rpartition(".")
    parent = doc.get(head, {})
    parent.pop(leaf, None)
    if head in doc and not parent:
        del doc[head]
    return doc


def empties(value):
    if isinstance(value, dict):
        return value == {} or any(map(empties, value.values()))
    if isinstance(value, list):
        return value == [] or any(map(empties, value))
    return value is None or value == ""


@settings(max_examples=300, deadline=None)
@given(JIRA_ROW)
def test_a_jira_row_gives_one_mapped_document_without_empty_values(row):
    before = copy.deepcopy(row)
    first, second = jira_event(row), jira_event(copy.deepcopy(row))
    assert isinstance(first, Event)
    assert row == before
    assert canonical_bytes(first.doc) == canonical_bytes(second.doc)
    assert paths(first.doc) <= FIELDS
    assert not empties(first.doc)


@settings(max_examples=300, deadline=None)
@given(CONFLUENCE_ROW, NAMES | st.builds(lambda a, b: a | b, NAMES, ACCOUNT))
def test_a_confluence_row_gives_one_mapped_document_without_empty_values(row, author):
    event = confluence_event(row | {"author": author})
    assert isinstance(event, Event)
    assert paths(event.doc) <= FIELDS
    assert not empties(event.doc)


@settings(max_examples=300, deadline=None)
@given(CONFLUENCE_ROW, ACCOUNT, NAMES, NAMES)
def test_a_rename_changes_nothing_but_the_declared_paths(row, account, before, after):
    old, new = row | {"author": before | account}, row | {"author": after | account}
    assert identity_view(old) == identity_view(new)
    docs = [confluence_event(old).doc, confluence_event(new).doc]
    for path in DOCUMENT_PATHS:
        docs = [without(doc, path) for doc in docs]
    assert docs[0] == docs[1]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=300, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(
            ["summary", "objectItem", "changedValues", "associatedItems", "author", "affectedObject"]
        )
        | TEXT,
        JSON,
        max_size=5,
    )
)
def test_nonsense_is_an_event_or_a_rejection_but_never_an_exception(row):
    jira = jira_event(row | {"created": "2026-01-01T00:00:00.000+0000"})
    confluence = confluence_event(row | {"creationDate": 1})
    assert isinstance(jira, Event | Rejected)
    assert isinstance(confluence, Event | Rejected)
