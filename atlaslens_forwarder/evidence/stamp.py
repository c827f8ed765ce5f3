"""The stamp: what a bundle is, as lines for people. It stands in every report and in ``VERIFY.txt``. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from atlaslens_forwarder.evidence.manifest import TOOL, all_append_only

if TYPE_CHECKING:
    from atlaslens_forwarder.evidence.manifest import Claims
    from atlaslens_forwarder.evidence.redaction import Redaction

Stamp = tuple[tuple[str, str], ...]
"""Names and values, in the order in which they are shown."""


def stamp_of(claims: Claims, redaction: Redaction | None = None) -> Stamp:
    """The lines for a bundle; they cannot state the digest of the file they stand in, nor the manifest's."""
    lines = [
        ("made by", f"{TOOL} {claims.tool_version}"),
        ("created", claims.created),
        ("exported by", claims.exporter),
        *filter_lines(claims),
        ("events", str(claims.count)),
        *_of_all_rows(claims),
        ("Merkle root", claims.merkle_root),
        ("signing key", claims.signing_keys[0]),
        ("cluster", f"{claims.store.get('cluster_name')} ({claims.store.get('cluster_uuid')})"),
        ("store", "append-only" if all_append_only(claims.store) else "NOT append-only: it could be changed"),
        ("coverage", f"{claims.coverage.get('verdict', 'not stated')}; windows and holes: manifest.json"),
        ("gaps", f"{len(claims.gaps)} stated in manifest.json"),
    ]
    if redaction is not None:
        lines += [
            ("REDACTED", f"{redaction.withheld_count} of {claims.count} rows are withheld"),
            ("redacted by", redaction.by),
            ("redacted at", redaction.created),
            ("reason", redaction.reason),
        ]
    return tuple(lines)


def _of_all_rows(claims: Claims) -> Stamp:
    """What the redactable form does not tell."""
    if claims.events_sha256 is None:
        return ()
    return (
        ("first event", claims.first or "none"),
        ("last event", claims.last or "none"),
        ("SHA-256 of events.jsonl", claims.events_sha256),
    )


def filter_lines(claims: Claims) -> Stamp:
    """The filter in the words of the command line."""
    told = claims.filter.to_manifest()
    lines = [("view", str(told["view"])), ("from", str(told["from"])), ("to (excluded)", str(told["to"]))]
    for name, values in told.items():
        if isinstance(values, list) and (values or (name == "members" and told["groups"])):
            shown = ", ".join(map(str, values))
            lines.append((name, shown or "nobody"))
    if told["permission_changes"]:
        lines.append(("permission changes", "only these"))
    return tuple(lines)
