"""The templates by themselves: strict, append-only where evidence lies, long values never refused."""

from __future__ import annotations

import pytest

from tests.unit.normalise.templates import FOLDER, load

NAMES = sorted(path.stem for path in (FOLDER / "index").glob("*.json"))
COMPONENTS = sorted(path.stem for path in (FOLDER / "component").glob("*.json"))
APPEND_ONLY = {"audit", "activity", "activity-undated", "quarantine", "windows", "seals", "custody"}
EVENTS = {"audit", "activity", "activity-undated"}
# Lucene refuses a term of more than 32,766 bytes; a character has at most 4 in UTF-8
LONGEST_KEYWORD = 32_766 // 4


def objects(mapping, path=""):
    """Every mapping of an object with its path, the root included."""
    yield path, mapping
    for name, child in mapping.get("properties", {}).items():
        if "properties" in child:
            yield from objects(child, f"{path}.{name}")


def leaves(mapping):
    for child in mapping.get("properties", {}).values():
        if "properties" in child:
            yield from leaves(child)
        else:
            yield child
            yield from child.get("fields", {}).values()


def mappings():
    for kind, names in (("component", COMPONENTS), ("index", NAMES)):
        for name in names:
            mapping = load(kind, name)["template"].get("mappings")
            if mapping:
                yield name, mapping


MAPPINGS = list(mappings())


@pytest.mark.parametrize("name", NAMES)
def test_append_only_is_for_evidence_and_only_for_it(name):
    family = name.removeprefix("atlaslens-")
    settings = "atlaslens-settings-append-only" if family in APPEND_ONLY else "atlaslens-settings-mutable"
    composed = load("index", name)["composed_of"]
    assert [part for part in composed if "settings" in part] == [settings]


def test_the_append_only_settings_are_append_only():
    settings = load("component", "atlaslens-settings-append-only")["template"]["settings"]["index"]
    assert settings.pop("append_only") == {"enabled": True}
    assert settings == load("component", "atlaslens-settings-mutable")["template"]["settings"]["index"]


@pytest.mark.parametrize("name", NAMES)
def test_event_indices_and_only_they_are_in_the_alias(name):
    aliases = load("index", name)["template"].get("aliases", {})
    assert aliases == ({"atlaslens-events": {}} if name.removeprefix("atlaslens-") in EVENTS else {})


@pytest.mark.parametrize("name", NAMES)
def test_every_part_of_a_template_exists(name):
    assert set(load("index", name)["composed_of"]) <= set(COMPONENTS)
    assert load("index", name)["priority"] >= 300


def test_the_undated_template_wins_over_the_one_whose_pattern_covers_it():
    assert (
        load("index", "atlaslens-activity-undated")["priority"]
        > load("index", "atlaslens-activity")["priority"]
    )


@pytest.mark.parametrize(("name", "mapping"), MAPPINGS)
def test_every_object_is_strict(name, mapping):
    assert [path for path, part in objects(mapping) if part.get("dynamic") != "strict"] == []


@pytest.mark.parametrize(("name", "mapping"), MAPPINGS)
def test_no_value_is_too_long_to_be_stored(name, mapping):
    for leaf in leaves(mapping):
        if leaf["type"] == "keyword" and leaf.get("index", True):
            assert 0 < leaf["ignore_above"] <= LONGEST_KEYWORD
        elif leaf["type"] == "keyword":
            assert leaf["doc_values"] is False
