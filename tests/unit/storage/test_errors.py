"""Failures of the client become errors of ours that say what to do and hold no content."""

from __future__ import annotations

import pytest
from opensearchpy.exceptions import (
    AuthenticationException,
    AuthorizationException,
    ConnectionTimeout,
    RequestError,
    SerializationError,
    TransportError,
)
from opensearchpy.exceptions import ConnectionError as ClientConnectionError

from atlaslens_forwarder.errors import StoreError, UnreachableError
from atlaslens_forwarder.storage.errors import store_errors, translate

SECRET = "somebody@example.com"


def refusal(kind, reason):
    return {"error": {"type": kind, "reason": reason}, "status": 400}


@pytest.mark.parametrize(
    ("error", "expected", "text"),
    [
        (ConnectionTimeout("TIMEOUT", "", TimeoutError()), UnreachableError, "in time"),
        (ClientConnectionError("N/A", "", OSError()), UnreachableError, "does not answer"),
        (AuthenticationException(401, "", None), UnreachableError, "credentials"),
        (
            AuthorizationException(403, "", refusal("security_exception", "no")),
            UnreachableError,
            "may not test",
        ),
        (
            AuthorizationException(403, "", refusal("cluster_block_exception", "blocked by")),
            StoreError,
            "disk is full",
        ),
        (RequestError(400, "", refusal("some_exception", "the reason")), StoreError, "the reason"),
        (TransportError(500, "<html>"), StoreError, "500"),
        (TransportError(502, "<html>", "<html>"), StoreError, "502"),
        (SerializationError("x"), StoreError, "not JSON"),
    ],
)
def test_every_failure_has_its_error_and_a_clear_line(error, expected, text):
    translated = translate(error, "test this")

    assert type(translated) is expected
    assert text in translated.one_line()


@pytest.mark.parametrize(
    "reason",
    [
        f"failed to parse field [id] of type [ip] in document with id '{SECRET}'. Preview of field's value",
        f"failed to parse. Preview of field's value: '{SECRET}'",
    ],
)
def test_the_content_of_a_document_is_cut_from_a_reason(reason):
    translated = translate(RequestError(400, "", refusal("mapper_parsing_exception", reason)), "test this")

    assert SECRET not in translated.one_line()
    assert "failed to parse" in translated.one_line()


def test_the_cause_is_not_chained_since_it_holds_bodies():
    with pytest.raises(StoreError) as caught, store_errors("test this"):
        raise RequestError(400, SECRET, refusal("x", "y"))

    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_other_exceptions_pass_through():
    with pytest.raises(KeyError), store_errors("test this"):
        raise KeyError("x")
