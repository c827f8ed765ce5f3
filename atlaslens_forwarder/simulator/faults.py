"""The switches by which the simulator misbehaves, each on its own, all off at first.

Every fault has been met by somebody at the real service; ``docs/simulator.md`` says where each comes from.
"""

from __future__ import annotations

import tomllib
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Annotated, ClassVar, Final, Literal

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from atlaslens_forwarder.errors import ConfigError
from atlaslens_forwarder.simulator.activity_faults import ActivityFaults

if TYPE_CHECKING:
    from pathlib import Path

    from atlaslens_forwarder.model.json import JsonObject

Rate = Annotated[float, Field(ge=0, le=1)]
"""A share of requests."""
Amount = Annotated[int, Field(ge=0)]
Products = tuple[Literal["jira", "confluence"], ...]
"""Names of products a switch applies to."""

EVERYWHERE: Final[Products] = ("jira", "confluence")


@dataclass(frozen=True)
class FaultPlan(ActivityFaults):
    """What goes wrong, and how often.

    Rates are shares of requests in [0, 1]; they are drawn from the world's seed and the request, so equal
    requests fail alike. A request fails at most ``failures_in_a_row`` times before it gets through.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    # Passing failures of a single request.
    throttle: Rate = 0.0
    """429 with ``Retry-After``, reset time and reason."""
    throttle_bare: Rate = 0.0
    """429 of the gateway without ``Retry-After``."""
    throttle_zero: Rate = 0.0
    """429 with ``Retry-After: 0``."""
    throttle_html: Rate = 0.0
    """429 whose body is a web page."""
    server_error: Rate = 0.0
    """502 with a web page."""
    unavailable: Rate = 0.0
    """503 with ``Retry-After``."""
    cut_body: Rate = 0.0
    """The connection ends in the middle of the body."""
    failures_in_a_row: Amount = 2
    """The most failures of one request before it gets through."""
    retry_after_s: Amount = 1
    """The wait that 429 and 503 ask for."""
    slow: Rate = 0.0
    """Answers that take ``slow_s`` seconds."""
    slow_s: float = 0.5

    # Access that is refused.
    expired_token: bool = False
    """No credential is valid any more."""
    expires_after: Amount = 0
    """Pages of audit records and activity after which every credential expires; 0: never."""
    silent_anonymous: bool = False
    """An invalid credential is answered with 200 and no rows."""
    free_plan: Products = ()
    """The audit routes answer 403: all plans are Free."""
    no_permission: Products = ()
    """The audit routes answer 403: the account is no administrator."""
    no_scope: Products = ()
    """The audit routes of the gateway answer 401: the token lacks the scope."""
    gone: Products = ()
    """The audit route answers 410."""
    login_page: Literal["", "html", "redirect"] = ""
    """``html`` or ``redirect``: what comes instead of any answer."""

    # Pages that lie or change.
    lying_total: bool = False
    """Jira's ``total`` is too high in some answers, too low in others."""
    lying_size: bool = False
    """Confluence's ``size`` is too high in some answers, zero in others."""
    page_limit: Amount = 0
    """The most rows a page holds, less than was asked for; 0: as documented."""
    arriving_rows: Amount = 0
    """Rows that each audit page request adds at the present moment."""
    arriving_late_rows: Amount = 0
    """Rows that each audit page request adds with a time of some minutes ago."""
    arriving_limit: Amount = 300
    """Rows after which none arrive any more, per source."""

    # Rows of the world.
    twin_rate: Rate = 0.0
    burst_every: Amount = 0
    burst_size: Amount = 0
    late_rows: Amount = 0
    """Rows that become visible minutes to hours after their own time."""
    back_dated_rows: Amount = 0
    """Rows written now with a time days to months ago."""
    poisoned_rows: Amount = 0
    """Rows with unreadable times or values of the wrong type."""
    renamed_people: Amount = 0
    """People who get another name, in all rows, from ``rename_after_s`` on."""
    rename_after_s: Amount = 1800

    # Jira issues, Confluence content and Bitbucket.
    arriving_changes: Amount = 0
    """Edits, comments, pushes and reviews that each page of a search or list makes on its own."""
    content_no_licence: bool = False
    """Confluence content answers 403: the account may not use Confluence."""
    content_no_scope: bool = False
    """Confluence content answers 401 on the gateway: the token lacks the scope."""
    content_search_lag_s: Amount = 0
    """The most seconds that Confluence's search takes to see a version."""
    bitbucket_expired: bool = False
    """Bitbucket knows no credential any more: 401."""
    bitbucket_no_scope: bool = False
    """Bitbucket's credentials lack privilege scopes: 403."""
    bitbucket_no_admin: bool = False
    """Bitbucket's permission routes answer 403: the account is no administrator."""
    bitbucket_quiet_reviews: bool = False
    """Approvals and change requests do not move a pull request's ``updated_on``."""
    bitbucket_requests_per_h: Amount = 1000
    """Requests per credential before Bitbucket answers 429."""
    organisation_no_guard: Literal[0, 401, 403, 404] = 0
    """What the organisation's events answer without Atlassian Guard; 0: it has Guard."""
    organisation_no_last_cursor: bool = False
    """The last page of the organisation's stream gives no cursor."""
    organisation_late_events: Rate = 0.0
    """Share of the organisation's new events that are processed up to five hours after they happened."""
    organisation_requests_per_min: Amount = 10
    """Requests a minute and path before the organisation API answers 429."""

    # Rate limit of the well-behaved server, per endpoint.
    bucket_size: Amount = 100
    bucket_refill_per_s: float = 10.0

    @classmethod
    def everything(cls) -> FaultPlan:
        """All faults that a correct client survives without losing or doubling a row."""
        return cls(
            throttle=0.08,
            throttle_bare=0.04,
            throttle_zero=0.04,
            throttle_html=0.04,
            server_error=0.08,
            unavailable=0.04,
            cut_body=0.06,
            slow=0.05,
            slow_s=0.2,
            lying_total=True,
            lying_size=True,
            page_limit=400,
            arriving_rows=2,
            arriving_late_rows=1,
            arriving_changes=1,
            organisation_late_events=0.2,
            twin_rate=0.02,
            burst_every=1500,
            burst_size=450,
            late_rows=12,
            back_dated_rows=6,
            poisoned_rows=4,
            renamed_people=3,
            late_changes=0.1,
            missing_is_last=True,
            repeated_token=True,
            bulk_times="millis",
            unreadable_issues=0.02,
            short_user_pages=True,
            closed_people=1,
        )

    @classmethod
    def of(cls, data: object) -> FaultPlan:
        """A plan from parsed JSON or TOML; ``{"preset": "all", …}`` starts from :meth:`everything`.

        Raises:
            ConfigError: unknown switch, or a value of the wrong type.
        """
        fields = dict(data) if isinstance(data, dict) else data
        preset = fields.pop("preset", "none") if isinstance(fields, dict) else "none"
        if preset not in {"none", "all"}:
            raise ConfigError(f"no fault preset is called {preset!r}", hint="use none or all")
        try:
            given = TypeAdapter(cls).validate_python(fields)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            name = ".".join(str(part) for part in first["loc"])
            raise ConfigError(
                f"fault switch {name or 'table'}: {first['msg']}", hint="docs/simulator.md lists the switches"
            ) from None
        if preset == "all" and isinstance(fields, dict):
            return replace(cls.everything(), **{name: getattr(given, name) for name in fields})
        return given

    @classmethod
    def load(cls, path: Path) -> FaultPlan:
        """A plan from a TOML or JSON file.

        Raises:
            ConfigError: the file cannot be read or holds no plan.
        """
        try:
            text = path.read_text(encoding="utf-8")
            if path.suffix == ".json":
                return cls.of(TypeAdapter(dict[str, object]).validate_json(text))
            return cls.of(tomllib.loads(text))
        except (OSError, ValueError, ValidationError) as error:
            raise ConfigError(
                f"cannot read the fault plan {path}: {type(error).__name__}", hint="give TOML or JSON"
            ) from error

    def as_json(self) -> JsonObject:
        """Every switch with its value."""
        return {
            name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()
        }
