"""The shipped templates: whole, strict, versioned, and append-only where they must be."""

from __future__ import annotations

import pytest

from atlaslens_forwarder.provision.diff import field_types, was_edited
from atlaslens_forwarder.provision.templates import APPEND_ONLY_SETTINGS, MUTABLE_SETTINGS, load_templates
from atlaslens_forwarder.provision.versions import schema_version
from atlaslens_forwarder.storage.names import EVENTS_ALIAS, Family


@pytest.fixture(scope="module")
def templates():
    return load_templates()


@pytest.mark.parametrize("family", Family)
def test_every_family_has_a_strict_template_with_the_right_settings(templates, family):
    body = templates.index[f"atlaslens-{family.value}"]
    settings = APPEND_ONLY_SETTINGS if family.append_only else MUTABLE_SETTINGS

    assert templates.mapping(family)["dynamic"] == "strict"
    assert settings in body["composed_of"]
    assert body["priority"] >= 300


def test_all_templates_and_mappings_have_the_same_version(templates):
    for body in [*templates.component.values(), *templates.index.values()]:
        assert body["version"] == schema_version(body) == templates.version
    for family in Family:
        assert schema_version(templates.mapping(family)) == templates.version


def test_every_template_tells_its_own_hash(templates):
    mutable = templates.without_append_only()
    bodies = [*templates.component.values(), *templates.index.values(), *mutable.index.values()]

    assert not any(was_edited(body) for body in bodies)
    assert all(len(body["_meta"]["hash"]) == 64 for body in bodies)


def test_events_are_found_under_one_alias(templates):
    for family in (Family.AUDIT, Family.ACTIVITY, Family.UNDATED):
        assert EVENTS_ALIAS in templates.index[f"atlaslens-{family.value}"]["template"]["aliases"]


def test_a_mapping_is_composed_of_all_its_components(templates):
    fields = field_types(templates.mapping(Family.AUDIT))

    assert {
        "@timestamp",
        "event.hash",
        "event.ingested",
        "user.target.id",
        "atlassian.product",
    } <= fields.keys()


def test_without_append_only_no_template_asks_for_it(templates):
    mutable = templates.without_append_only()

    assert APPEND_ONLY_SETTINGS not in mutable.component
    assert all(APPEND_ONLY_SETTINGS not in body["composed_of"] for body in mutable.index.values())
    assert all(MUTABLE_SETTINGS in body["composed_of"] for body in mutable.index.values())
    assert APPEND_ONLY_SETTINGS in templates.component
