"""Answers have the form that Atlassian's page on events shows; no API description is at hand."""

from __future__ import annotations

import jsonschema
import pytest

TEXT = {"type": "string"}
THINGS = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["id", "type"],
        "properties": {
            "id": TEXT,
            "type": TEXT,
            "attributes": {"type": "object"},
            "links": {"type": "object"},
        },
        "additionalProperties": False,
    },
}
ACTOR = {
    "type": "object",
    "required": ["id"],
    "properties": {
        "id": TEXT,
        "name": TEXT,
        "email": TEXT,
        "auth": {"type": "object", "properties": {"authType": TEXT, "tokenId": TEXT, "tokenLabel": TEXT}},
        "links": {"type": "object"},
    },
    "additionalProperties": False,
}
LOCATION = {
    "type": "object",
    "properties": dict.fromkeys(("ip", "geo", "countryName", "regionName", "city"), TEXT),
    "additionalProperties": False,
}
EVENT = {
    "type": "object",
    "required": ["id", "type", "attributes"],
    "properties": {
        "id": TEXT,
        "type": {"const": "events"},
        "attributes": {
            "type": "object",
            "required": ["time", "processedAt", "action", "actor"],
            "properties": {
                "time": TEXT,
                "processedAt": TEXT,
                "action": TEXT,
                "actor": ACTOR,
                "context": THINGS,
                "container": THINGS,
                "location": LOCATION,
            },
            "additionalProperties": False,
        },
        "message": {"type": "object", "properties": {"content": TEXT, "format": TEXT}},
        "links": {"type": "object"},
    },
    "additionalProperties": False,
}
PAGE = {
    "type": "object",
    "required": ["data", "meta", "links"],
    "properties": {
        "data": {"type": "array", "items": EVENT},
        "meta": {
            "type": "object",
            "required": ["page_size"],
            "properties": {"next": TEXT, "page_size": {"type": "integer"}},
            "additionalProperties": False,
        },
        "links": {"type": "object", "properties": {"self": TEXT, "prev": TEXT, "next": TEXT}},
    },
    "additionalProperties": False,
}


@pytest.mark.parametrize("faults", [{}, {"organisation_no_last_cursor": True, "closed_people": 2}])
async def test_answers_fit_the_page(organisation, faults):
    async with organisation(**faults) as o:
        for body in (await o.told(limit=500), await o.told("/events", limit=100)):
            assert body["data"]
            jsonschema.Draft202012Validator(PAGE).validate(body)
