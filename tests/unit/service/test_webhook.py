"""Calls of the webhook: what is sent, and what is made of each kind of answer."""

from __future__ import annotations

import hashlib
import hmac
import json

import httpx
import pytest

from atlaslens_forwarder.service.alerts.webhook import Answer, Webhook, signature

ALERT = {
    "rule": {"name": "A rule"},
    "alert": {"level": "high", "count": 1},
    "event": {"action": "project_deleted"},
    "delivery": {"state": "pending"},
    "key": "k",
}
URL = "https://alerts.example/hook/secret-part"


async def called(handler):
    async with httpx.AsyncClient(transport=httpx.MockTransport(handler)) as http:
        return await Webhook(URL, "shared", http, lambda: 1_795_420_800_999).call("an-id", ALERT)


async def test_the_body_is_signed_with_its_time():
    seen = []

    def handler(request):
        seen.append(request)
        return httpx.Response(202)

    assert await called(handler) == Answer()
    (request,) = seen
    assert request.headers["Atlaslens-Timestamp"] == "1795420800"
    expected = hmac.new(b"shared", b"1795420800." + request.content, hashlib.sha256).hexdigest()
    assert request.headers["Atlaslens-Signature"] == f"v1={expected}"
    body = json.loads(request.content)
    assert body["text"] == "[high] A rule · somebody: project_deleted"
    assert body["alert"].keys() == {"rule", "alert", "event"}


def test_another_secret_time_or_body_has_another_signature():
    made = {signature(secret, at, body) for secret in "ab" for at in "12" for body in (b"x", b"y")}

    assert len(made) == 8


@pytest.mark.parametrize(
    ("status", "refused"), [(400, True), (404, True), (429, False), (503, False), (302, False)]
)
async def test_anything_but_success_is_a_failure(status, refused):
    answer = await called(lambda _: httpx.Response(status, headers={"location": "https://other.example"}))

    assert answer == Answer(f"status {status}", refused=refused)


async def test_a_receiver_that_is_down_is_told_without_its_address():
    def handler(request):
        raise httpx.ConnectError(f"no route to {URL}", request=request)

    assert await called(handler) == Answer("ConnectError")
