"""The code of one site: its store, the commit lists being paged, and its truth.

Truths: ``bitbucket-commits``, ``bitbucket-pullrequests`` (who opened and closed them), ``bitbucket-activity``
(every entry, also those taken back, every state of a comment) and ``bitbucket-permissions``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.simulator.apis.bitbucket import truth as truths
from atlaslens_forwarder.simulator.apis.bitbucket.orders import Orders
from atlaslens_forwarder.simulator.world.chance import Chance, label
from atlaslens_forwarder.simulator.world.code.churn import Churn
from atlaslens_forwarder.simulator.world.code.past import CODE, forge_of
from atlaslens_forwarder.simulator.world.code.reviews import Reviews

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from atlaslens_forwarder.model.json import JsonObject, JsonValue
    from atlaslens_forwarder.simulator.site import Site, TruthRow
    from atlaslens_forwarder.simulator.world.code.forge import Forge
    from atlaslens_forwarder.simulator.world.code.records import Repository, Workspace

_MOST_WALKS: Final = 2000


class BitbucketPart:
    """The code of a site; made when it is first needed."""

    truths: tuple[str, ...] = tuple(truths.WRITERS)

    def __init__(self, site: Site) -> None:
        self._site = site
        self._forge: Forge | None = None
        self._arrived = 0
        self.walks: dict[str, tuple[str, ...]] = {}
        """Commit lists that are being paged: the hashes that are left, by the token in ``next``."""

    @property
    def forge(self) -> Forge:
        """All code there is now."""
        if self._forge is None:
            self._forge = forge_of(self._site.world)
        return self._forge

    @property
    def reviews(self) -> Reviews:
        """Acts on pull requests, as the switches want them now."""
        return Reviews(self.forge, is_quiet=self._site.faults.bitbucket_quiet_reviews)

    @property
    def orders(self) -> Mapping[str, Callable[[JsonObject], JsonValue]]:
        """What can be ordered over ``/_sim``."""
        return {"bitbucket": lambda body: Orders(self._site, self.forge, self.reviews).act(body)}

    def truth(self, source: str, from_ms: int | None, to_ms: int | None) -> Iterator[TruthRow]:
        """Every record ever shown, newest first; both ends inclusive, epoch milliseconds."""
        kept = [
            row
            for row in truths.WRITERS[source](self._site, self.forge)
            if (from_ms is None or row.at_ms >= from_ms) and (to_ms is None or row.at_ms <= to_ms)
        ]
        yield from sorted(kept, key=lambda row: (row.at_ms, row.key), reverse=True)

    def page_asked(self) -> None:
        """Note that a page of a list is being asked for: credentials grow old, somebody works meanwhile."""
        site = self._site
        site.count_page()
        for _ in range(site.faults.arriving_changes):
            if self._arrived < site.faults.arriving_limit:
                chance = Chance(site.world.seed_of(CODE), label("arrivals"), self._arrived)
                Churn(site.world, self.forge, self.reviews).once(site.now_ms(), chance, gentle=True)
                self._arrived += 1

    def keep_walk(self, hashes: tuple[str, ...]) -> str:
        """The token under which the rest of a commit list is found again; the oldest are forgotten."""
        token = Chance(label(hashes[0]), label(hashes[-1]), len(hashes)).hex(32)
        self.walks[token] = hashes
        while len(self.walks) > _MOST_WALKS:
            del self.walks[next(iter(self.walks))]
        return token

    def workspace(self, name: str) -> Workspace | None:
        """The workspace of this slug or uuid."""
        return next((one for one in self.forge.workspaces if name in {one.slug, one.uuid}), None)

    def repository(self, workspace: str, name: str) -> Repository | None:
        """The living repository of this slug or uuid."""
        home = self.workspace(workspace)
        living = [] if home is None else home.living()
        return next((one for one in living if name in {one.slug, one.uuid}), None)
