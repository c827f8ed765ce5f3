"""For any rule and any event: the compiled query finds it exactly when the evaluator says so."""

from __future__ import annotations

import json
import random

import pytest

from atlaslens_forwarder.detections.catalogue import load_catalogue
from atlaslens_forwarder.detections.evaluate import matches
from atlaslens_forwarder.detections.query import compile_query
from atlaslens_forwarder.detections.syntax import And, Compare, Not, Op, Or
from atlaslens_forwarder.service.alerts.trial import _own_index

CATALOGUE = load_catalogue()
FIELDS = CATALOGUE.words.fields
KEYWORDS = ("user.id", "user.target.id", "group.name", "atlassian.change_summary", "atlassian.changes.to")
ACTIONS = ("user_added_to_group", "issue_deleted", "global_permission_added")
TEXTS = (
    *("Admin", "admin", "site-admins", "ADMINS", "ä", "Ä", "Ärger-admin", "ſ", "K", "k", "İ", "i"),
    *(
        "a b",
        "a",
        "→ admin",
        "Type: (none) → ADMIN",
        '"quoted"',
        "x" * 1024,
        "x" * 1025,
        "𝔸" * 512,
        "𝔸" * 513,
    ),
    *("0", "true", "null", "[a]", "a.b", "~a", "#", "@", "&", "<1-5>"),
)
ADDRESSES = ("192.0.2.1", "192.0.2.200", "10.1.2.3", "2001:db8::1", "fc00::5")
NETWORKS = ("192.0.2.0/25", "10.0.0.0/8", "fc00::/7", "192.0.2.1/32", "0.0.0.0/0")


def put(document, path, value):
    *parents, leaf = path.split(".")
    for parent in parents:
        document = document.setdefault(parent, {})
    document[leaf] = value


def made_event(rng):
    """Any selection of fields; one value, several, an empty list or null."""
    event = {}

    def some(values):
        kind = rng.random()
        if kind < 0.5:
            return rng.choice(values)
        if kind < 0.9:
            return [rng.choice(values) for _ in range(rng.randint(0, 3))]
        return rng.choice([None, [None], [rng.choice(values), None]])

    for path in KEYWORDS:
        if path.startswith("atlassian.changes") and rng.random() < 0.6:
            put(event, "atlassian.changes", [{"to": rng.choice(TEXTS)} for _ in range(rng.randint(0, 2))])
        elif not path.startswith("atlassian.changes") and rng.random() < 0.7:
            put(event, path, some(TEXTS))
    for path, values in (
        ("event.action", ACTIONS),
        ("atlassian.derived", (True, False)),
        ("atlassian.version", (0, 1, 7)),
        ("source.ip", ADDRESSES),
    ):
        if rng.random() < 0.7:
            put(event, path, some(values))
    return event


def made_test(rng):  # noqa: PLR0911  one return for each kind of comparison
    kind = rng.random()
    if kind < 0.1:
        return Compare("event.action", Op.EQUALS, rng.choice(ACTIONS))
    if kind < 0.2:
        return Compare("atlassian.derived", Op.EQUALS, rng.choice([True, False]))
    if kind < 0.25:
        return Compare("atlassian.version", Op.EQUALS, rng.choice([0, 1, 7]))
    if kind < 0.4:
        return Compare("source.ip", rng.choice([Op.CIDR, Op.EQUALS]), rng.choice([*NETWORKS, *ADDRESSES]))
    field = rng.choice(KEYWORDS)
    if kind < 0.5:
        return Compare(rng.choice([*KEYWORDS, "source.ip", "atlassian.derived", "event.action"]), Op.MISSING)
    if kind < 0.6:
        return Compare(field, Op.FIELD, rng.choice(KEYWORDS))
    op = rng.choice([Op.EQUALS, Op.CONTAINS, Op.STARTS, Op.ENDS])
    value = rng.choice(TEXTS)
    if op is not Op.EQUALS and len(value) > 100:
        value = value[:100]
    return Compare(field, op, value)


def made_tree(rng, depth=3):
    kind = rng.random()
    if depth == 0 or kind < 0.4:
        return made_test(rng)
    if kind < 0.55:
        return Not(made_tree(rng, depth - 1))
    parts = tuple(made_tree(rng, depth - 1) for _ in range(rng.randint(1, 3)))
    return And(parts) if kind < 0.78 else Or(parts)


async def ids_found(client, index, query):
    answer = await client.search(
        index=index, body={"size": 1000, "_source": False, "query": {"bool": {"filter": [query]}}}
    )
    return {hit["_id"] for hit in answer["hits"]["hits"]}


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_query_and_evaluator_agree(opensearch, seed):
    rng = random.Random(seed)
    events = {str(number): made_event(rng) for number in range(150)}
    async with _own_index(opensearch) as index:
        lines = []
        for event_id, event in events.items():
            lines += [json.dumps({"create": {"_id": event_id}}), json.dumps(event)]
        stored = await opensearch.bulk(index=index, body="\n".join(lines) + "\n", params={"refresh": "true"})
        assert not stored["errors"], stored
        found_some = 0
        for _ in range(200):
            tree = made_tree(rng)
            expected = {event_id for event_id, event in events.items() if matches(tree, event, FIELDS)}
            assert await ids_found(opensearch, index, compile_query(tree, FIELDS)) == expected, tree
            found_some += 0 < len(expected) < len(events)
        assert found_some > 100


async def test_every_rule_and_every_sample_agree(opensearch):
    now_ms = 1_795_420_800_000
    samples = [event for sample in CATALOGUE.samples for event in sample.documents(now_ms)[:2]]
    async with _own_index(opensearch) as index:
        lines = []
        for number, event in enumerate(samples):
            lines += [json.dumps({"create": {"_id": str(number)}}), json.dumps(event)]
        stored = await opensearch.bulk(index=index, body="\n".join(lines) + "\n", params={"refresh": "true"})
        assert not stored["errors"], stored
        for rule in CATALOGUE.rules.values():
            expected = {
                str(number) for number, event in enumerate(samples) if matches(rule.node, event, FIELDS)
            }
            found = await ids_found(opensearch, index, compile_query(rule.node, FIELDS))
            assert found == expected, rule.name
