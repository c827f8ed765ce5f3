"""The retention policy for index management. Pure.

Months carry the start of their month as creation date, so their age counts from there.
https://docs.opensearch.org/latest/im-plugin/ism/policies/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from atlaslens_forwarder.storage.expiry import month_age_days
from atlaslens_forwarder.storage.ism import DELETING_STATE

if TYPE_CHECKING:
    from atlaslens_forwarder.model.json import JsonObject


def retention_policy(retention_days: int) -> JsonObject:
    """The policy that deletes a month when its last event is at least ``retention_days`` old."""
    return {
        "description": f"Deletes whole months, every event at least {retention_days} days old",
        "default_state": "kept",
        "states": [
            {
                "name": "kept",
                "actions": [],
                "transitions": [
                    {
                        "state_name": DELETING_STATE,
                        "conditions": {"min_index_age": f"{month_age_days(retention_days)}d"},
                    }
                ],
            },
            {"name": DELETING_STATE, "actions": [{"delete": {}}], "transitions": []},
        ],
    }
