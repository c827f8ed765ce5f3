"""What an API of the simulator is asked and what it answers, without any HTTP library."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from atlaslens_forwarder.simulator.world.chance import label

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from atlaslens_forwarder.model.json import JsonObject, JsonValue
    from atlaslens_forwarder.simulator.site import Site, TruthRow
    from atlaslens_forwarder.simulator.world.feed import Slot
    from atlaslens_forwarder.simulator.world.world import World


class Product(StrEnum):
    """Whose conventions a route follows."""

    JIRA = "jira"
    CONFLUENCE = "confluence"
    CONFLUENCE_V2 = "confluence-v2"
    JSM = "jsm"
    BITBUCKET = "bitbucket"
    ORGANISATION = "organisation"
    EDGE = "edge"

    @property
    def is_elsewhere(self) -> bool:
        """Whether it stands on a host of its own, with credentials of its own."""
        return self in {Product.BITBUCKET, Product.ORGANISATION}

    @property
    def door(self) -> Product:
        """Under which name of the gateway the product stands, and whose limits it shares."""
        return {Product.JSM: Product.JIRA, Product.CONFLUENCE_V2: Product.CONFLUENCE}.get(self, self)


class Caller(StrEnum):
    """What the credential of a request turned out to be."""

    CLASSIC = "classic"
    SCOPED = "scoped"
    BEARER = "bearer"
    ANONYMOUS = "anonymous"
    REJECTED = "rejected"

    @property
    def is_known(self) -> bool:
        """Whether the request is made in somebody's name."""
        return self not in {Caller.ANONYMOUS, Caller.REJECTED}


@dataclass(frozen=True, slots=True)
class Call:
    """One request after authentication: query parameters (the last of each name) and who asks.

    ``lists`` holds every value of a parameter, ``names`` what stands for the ``{…}`` of the route's path,
    ``body`` the JSON of a POST, or of a POST in form encoding the values of every field.
    """

    query: Mapping[str, str]
    caller: Caller
    lists: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    method: str = "GET"
    body: JsonValue = None
    at_gateway: bool = False

    def coin(self) -> bool:
        """Heads or tails, alike for equal queries."""
        return label(repr(sorted(self.query.items()))) % 2 == 0


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, body and headers; ``rows`` counts the records in the body."""

    status: int
    body: JsonValue
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = "application/json"
    rows: int = 0


class Need(StrEnum):
    """What a route demands of the caller."""

    NOTHING = "nothing"
    """Answers everybody, anonymous callers with what they may see."""
    BROWSE = "browse"
    """As above on the site, and shows strangers nothing; a wrong token is hidden behind an empty 200."""
    PERSON = "person"
    ADMIN = "admin"
    """An administrator on a paid plan, with the audit scope."""


@dataclass(frozen=True, slots=True)
class Route:
    """One route, by its path on the site; ``{name}`` in it stands for one segment.

    ``feed`` names the source whose rows it serves: such pages let rows arrive and are cut short by faults.
    """

    product: Product
    path: str
    handle: Callable[[Site, Call], Answer]
    need: Need = Need.PERSON
    feed: str = ""
    methods: tuple[str, ...] = ("GET",)


class RowWriter(Protocol):
    """Makes the served form of a row."""

    def __call__(self, world: World, seed: int, slot: Slot) -> JsonObject:
        """The row of this slot, as served now."""


@dataclass(frozen=True, slots=True)
class RowSource:
    """The rows behind an API: its name, how rows are written, named for the truth, and spoilt."""

    name: str
    write: RowWriter
    key: Callable[[int, Slot], str]
    spoil: Callable[[JsonObject, int], JsonObject]


class Part(Protocol):
    """A part of a site that moves by orders and keeps its own truth, for what is no feed of rows."""

    @property
    def truths(self) -> tuple[str, ...]:
        """Names of the truths it keeps."""

    @property
    def orders(self) -> Mapping[str, Callable[[JsonObject], JsonValue]]:
        """What ``POST /_sim/{name}`` does; raises ``ConfigError`` where an order makes no sense."""

    def truth(self, source: str, from_ms: int | None, to_ms: int | None) -> Iterator[TruthRow]:
        """Every record ever shown, newest first; both ends inclusive, epoch milliseconds."""


@dataclass(frozen=True, slots=True)
class Api:
    """Everything one API adds to the simulator: routes and, where it serves rows, their source.

    ``part`` makes the part of a new site that the handlers read with :meth:`Site.part`.
    """

    routes: tuple[Route, ...]
    source: RowSource | None = None
    part: Callable[[Site], Part] | None = None
