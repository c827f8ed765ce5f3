"""What is confidential in the settings is found by its type, so none can be forgotten."""

from __future__ import annotations

import base64
import re
from pathlib import Path

import pytest
from pydantic import BaseModel, SecretStr

from atlaslens_forwarder.settings import (
    AlertSettings,
    OpenSearchSettings,
    Settings,
    SiteSettings,
    confidential_texts,
    masked,
)
from atlaslens_forwarder.settings.section import Personal

TELLING = re.compile(r"password|secret$|token$|api_key$|email|webhook")


def fields(model, path=()):
    """Every single setting: its path, its value, and what pydantic knows of it."""
    for name, info in type(model).model_fields.items():
        value = getattr(model, name)
        if isinstance(value, BaseModel):
            yield from fields(value, (*path, name))
        elif isinstance(value, dict):
            for key, item in value.items():
                yield from fields(item, (*path, name, key))
        else:
            yield (*path, name), value, info


def is_confidential(value, info):
    return isinstance(value, SecretStr) or any(isinstance(mark, Personal) for mark in info.metadata)


def filled():
    """Settings in which each confidential value is its own path."""
    site = SiteSettings(url="https://acme.atlassian.net", email="a@b.example", api_token=SecretStr("x"))
    tree = Settings(sites={"acme": site}).model_copy(deep=True)
    for path, value, info in list(fields(tree)):
        if is_confidential(value, info):
            parent = tree
            for part in path[:-1]:
                parent = parent[part] if isinstance(parent, dict) else getattr(parent, part)
            text = "/".join(("marked", *path))
            parent.__dict__[path[-1]] = SecretStr(text) if isinstance(value, SecretStr) else text
    return tree


def test_a_setting_that_sounds_confidential_is_declared_so():
    shown = [
        "__".join(path)
        for path, value, info in fields(filled())
        if TELLING.search(path[-1]) and not isinstance(value, Path) and not is_confidential(value, info)
    ]

    assert shown == []


def test_every_secret_and_address_of_the_tree_is_found():
    tree = filled()
    marked = {
        "/".join(("marked", *path)) for path, value, info in fields(tree) if is_confidential(value, info)
    }

    assert len(marked) >= 14
    assert "marked/opensearch/keeper/password" in marked
    assert "marked/sites/acme/bitbucket/email" in marked
    assert marked <= set(confidential_texts(tree))


def test_what_is_made_of_a_secret_to_send_it_is_found_too():
    site = SiteSettings(url="https://acme.atlassian.net", email="a@b.example", api_token=SecretStr("t0ken"))
    tree = Settings(
        sites={"acme": site},
        alerts=AlertSettings(
            webhook_url=SecretStr("https://hooks.example/T0/s3cret?k=v"), webhook_secret=SecretStr("s")
        ),
        opensearch=OpenSearchSettings(
            url="https://u:inurl@search.example", username="w", password=SecretStr("p4ss")
        ),
    )

    found = confidential_texts(tree)

    assert base64.b64encode(b"a@b.example:t0ken").decode() in found
    assert base64.b64encode(b"w:p4ss").decode() in found
    assert {"/T0/s3cret?k=v", "inurl"} <= set(found)


def test_nothing_confidential_is_shown_but_whether_it_is_set():
    shown = masked(filled())

    assert "marked" not in str(shown)
    assert "*" not in str(shown)
    assert shown["sites"]["acme"]["api_token"] == "set"
    assert shown["sites"]["acme"]["url"] == "https://acme.atlassian.net"
    assert masked(Settings())["alerts"]["webhook_url"] == "not set"


def test_an_address_that_is_none_is_taken_as_it_stands():
    broken = AlertSettings(webhook_url=SecretStr("https://[x/y"), webhook_secret=SecretStr("abcd"))

    assert confidential_texts(broken) == ["https://[x/y", "abcd"]


@pytest.mark.parametrize("part", [{}, {"sites": {}}])
def test_settings_without_secrets_hold_none(part):
    assert confidential_texts(Settings(**part)) == []
