"""What an answer of Atlassian means: every recorded status, header and body."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atlaslens_forwarder.errors import AccessError, FormatError, NotFoundError, TransientError
from atlaslens_forwarder.http.classify import LONGEST_WAIT_S, error_of
from atlaslens_forwarder.model.status import SourceStatus
from atlaslens_forwarder.model.time import parse_iso_ms

NOW_MS = parse_iso_ms("2026-03-26T15:30:00Z")
JSON = {"content-type": "application/json;charset=UTF-8"}
FREE_JIRA = "Audit logs aren't available for this site as all of its Jira Cloud products are on Free plans"
FREE_CONFLUENCE = (
    "Cannot make this request because you are on Free edition. Please upgrade to standard or premium."
)
AUTHENTICATED_FAILED = {"x-seraph-loginreason": "AUTHENTICATED_FAILED"}
CASES = {
    "jira 401": (
        401,
        JSON,
        "Client must be authenticated to access this resource.",
        AccessError,
        SourceStatus.EXPIRED,
    ),
    "gateway scope": (
        401,
        JSON,
        '{"code":401,"message":"Unauthorized; scope does not match"}',
        AccessError,
        SourceStatus.NO_SCOPE,
    ),
    "bitbucket 401": (
        401,
        JSON,
        "Token is invalid, expired, or not supported for this endpoint.",
        AccessError,
        SourceStatus.EXPIRED,
    ),
    "silent anonymous": (200, {**JSON, **AUTHENTICATED_FAILED}, "", AccessError, SourceStatus.EXPIRED),
    "one of two login reasons": (
        200,
        {**JSON, "x-seraph-loginreason": "OUT, AUTHENTICATED_FAILED"},
        "",
        AccessError,
        SourceStatus.EXPIRED,
    ),
    "login page": (200, {"content-type": "text/html"}, "<html>", AccessError, SourceStatus.EXPIRED),
    "no content type": (200, {}, "", AccessError, SourceStatus.EXPIRED),
    "redirect": (302, {"location": "https://id.atlassian.com/login"}, "", AccessError, SourceStatus.EXPIRED),
    "moved": (308, {}, "", AccessError, SourceStatus.EXPIRED),
    "free jira": (403, JSON, FREE_JIRA, AccessError, SourceStatus.NO_PLAN),
    "free confluence": (403, JSON, FREE_CONFLUENCE, AccessError, SourceStatus.NO_PLAN),
    "captcha": (
        403,
        {"x-seraph-loginreason": "AUTHENTICATION_DENIED"},
        "",
        AccessError,
        SourceStatus.NO_PERMISSION,
    ),
    "no administrator": (
        403,
        JSON,
        "Current user not permitted to use Confluence",
        AccessError,
        SourceStatus.NO_PERMISSION,
    ),
    "bitbucket without a scope": (
        403,
        JSON,
        "Your credentials lack one or more required privilege scopes.",
        AccessError,
        SourceStatus.NO_SCOPE,
    ),
    "empty 403": (403, {}, "", AccessError, SourceStatus.NO_PERMISSION),
    "wrong host": (404, JSON, "", NotFoundError, SourceStatus.NO_PERMISSION),
    "removed": (410, JSON, "The requested API has been removed.", FormatError, SourceStatus.UNREADABLE),
    "bad request": (400, JSON, "Invalid pagelen", FormatError, SourceStatus.UNREADABLE),
    "no json type": (
        415,
        {"content-type": "application/problem+json"},
        "",
        FormatError,
        SourceStatus.UNREADABLE,
    ),
    "no content": (204, {}, "", FormatError, SourceStatus.UNREADABLE),
    "timeout": (408, {}, "", TransientError, SourceStatus.UNREACHABLE),
    "bad gateway": (502, {"content-type": "text/html"}, "<html>", TransientError, SourceStatus.UNREACHABLE),
    "unavailable": (503, {"retry-after": "7"}, "", TransientError, SourceStatus.UNREACHABLE),
    "throttled in html": (
        429,
        {"content-type": "text/html"},
        "<html>",
        TransientError,
        SourceStatus.THROTTLED,
    ),
}


@pytest.mark.parametrize(
    ("status", "headers", "text", "kind", "source_status"), CASES.values(), ids=CASES.keys()
)
def test_every_recorded_answer_has_its_meaning(status, headers, text, kind, source_status):
    error = error_of(status, headers, text, NOW_MS)

    assert type(error) is kind
    assert error.status is source_status
    if text:
        assert text not in error.one_line()
    if kind is AccessError:
        assert error.hint


@pytest.mark.parametrize("content_type", ["application/json", "application/vnd.api+json", "Application/JSON"])
def test_json_with_200_is_fine(content_type):
    assert error_of(200, {"content-type": content_type}, "", NOW_MS) is None


@pytest.mark.parametrize(
    ("headers", "wait_s", "scope"),
    [
        ({"retry-after": "5", "ratelimit-reason": "jira-burst-based"}, 5, "endpoint"),
        ({"retry-after": "5", "ratelimit-reason": "confluence-burst-based"}, 5, "endpoint"),
        ({"retry-after": "0"}, 1, "endpoint"),
        ({"retry-after": "-3"}, 1, "endpoint"),
        ({"retry-after": "1.5"}, 1.5, "endpoint"),
        ({}, None, "endpoint"),
        ({"x-failure-category": "FAILURE_CLIENT_RATE_LIMITED"}, None, "endpoint"),
        ({"retry-after": "soon"}, None, "endpoint"),
        ({"retry-after": "nan"}, None, "endpoint"),
        ({"retry-after": "1e999"}, None, "endpoint"),
        ({"retry-after": "1e9"}, LONGEST_WAIT_S, "endpoint"),
        ({"retry-after": "Thu, 26 Mar 2026 15:30:20 GMT"}, 20, "endpoint"),
        ({"retry-after": "Thu, 26 Mar 2026 15:00:00 GMT"}, 1, "endpoint"),
        ({"retry-after": "Thu, 26 Mar 2026 15:30:20 -0000"}, None, "endpoint"),
        (
            {"ratelimit-reason": "jira-quota-tenant-based", "x-ratelimit-reset": "2026-03-26T16:00Z"},
            1800,
            "product",
        ),
        (
            {
                "ratelimit-reason": "jira-quota-global-based",
                "x-ratelimit-reset": "2026-03-26T15:30:05Z",
                "retry-after": "40",
            },
            40,
            "product",
        ),
        (
            {"ratelimit-reason": "confluence-quota-x", "x-ratelimit-reset": "2027-01-01T00:00Z"},
            3600,
            "product",
        ),
        ({"ratelimit-reason": "jira-quota-x", "x-ratelimit-reset": "2026-03-26T16:00"}, None, "product"),
        ({"ratelimit-reason": "jira-quota-x", "x-ratelimit-reset": "?"}, None, "product"),
    ],
)
def test_a_throttled_answer_says_how_long_and_what_has_to_wait(headers, wait_s, scope):
    error = error_of(429, headers, "", NOW_MS)

    assert isinstance(error, TransientError)
    assert (error.wait_s, error.scope) == (wait_s, scope)


HEADERS = st.dictionaries(
    st.sampled_from(
        ["retry-after", "x-ratelimit-reset", "ratelimit-reason", "content-type", "x-seraph-loginreason"]
    ),
    st.text(max_size=30) | st.from_regex(r"\w{3}, \d+ Mar \d+ \d+:\d+:\d+ [+-]?\w+", fullmatch=True),
)


@given(st.integers(100, 599), HEADERS, st.text(max_size=20))
@settings(deadline=None, max_examples=300)
def test_no_answer_breaks_the_classification(status, headers, text):
    error = error_of(status, headers, text, NOW_MS)

    if isinstance(error, TransientError) and error.wait_s is not None:
        assert 1 <= error.wait_s <= LONGEST_WAIT_S
    assert error is not None or status == 200
