"""Lists of spaces, pages, blog posts and comments, and of the versions of one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.simulator.apis.confluence_content import views
from atlaslens_forwarder.simulator.apis.confluence_content.cursors import (
    BadParameterError,
    Orders,
    ids_of,
    page,
    words_of,
)
from atlaslens_forwarder.simulator.apis.confluence_content.part import ContentPart
from atlaslens_forwarder.simulator.calls import Answer, Call, Product
from atlaslens_forwarder.simulator.refusals import not_found
from atlaslens_forwarder.simulator.world.content.items import Item, Kind, Status, Version

if TYPE_CHECKING:
    from collections.abc import Callable

    from atlaslens_forwarder.model.json import JsonObject
    from atlaslens_forwarder.simulator.site import Site

API: Final = "/wiki/api/v2"
PATHS: Final = {
    Kind.PAGE: f"{API}/pages",
    Kind.BLOG_POST: f"{API}/blogposts",
    Kind.FOOTER_COMMENT: f"{API}/footer-comments",
    Kind.INLINE_COMMENT: f"{API}/inline-comments",
}
_MOST_IDS: Final = 250
_MOST_SPACES: Final = 100
_STATUSES: Final = {
    Kind.PAGE: (Status.CURRENT, Status.ARCHIVED),
    Kind.BLOG_POST: (Status.CURRENT,),
}

_PAGE_ORDERS: Final[Orders[Item]] = Orders(
    {
        "id": lambda item: item.id,
        "created-date": lambda item: item.created_at_ms,
        "modified-date": lambda item: item.latest.at_ms,
        "title": lambda item: item.latest.title,
    },
    "id",
    lambda item: item.id,
)
_POST_ORDERS: Final = Orders(
    {name: by for name, by in _PAGE_ORDERS.by.items() if name != "title"}, "id", _PAGE_ORDERS.id_of
)
_COMMENT_ORDERS: Final = Orders(
    {name: by for name, by in _POST_ORDERS.by.items() if name != "id"}, "created-date", _PAGE_ORDERS.id_of
)
_ORDERS: Final = {Kind.PAGE: _PAGE_ORDERS, Kind.BLOG_POST: _POST_ORDERS}
_VERSION_ORDERS: Final[Orders[Version]] = Orders(
    {"modified-date": lambda version: version.at_ms}, "-modified-date", lambda version: version.number
)


def _statuses(call: Call, kind: Kind) -> tuple[Status, ...]:
    """The statuses asked for.

    Raises:
        BadParameterError: there is no such status.
    """
    words = words_of(call, "status")
    if words is None or kind.is_comment:
        return _STATUSES.get(kind, (Status.CURRENT,))
    try:
        return tuple(Status(word) for word in words)
    except ValueError:
        raise BadParameterError("Provided value for 'status' is not one of the accepted values.") from None


def _body_format(call: Call) -> str:
    form = call.query.get("body-format", "")
    if form and form not in views.BODY_FORMATS:
        raise BadParameterError("Provided value for 'body-format' is not one of the accepted values.")
    return form


def get_items(kind: Kind) -> Callable[[Site, Call], Answer]:
    """The list of one kind; filters by ``id``, ``space-id``, ``status`` and ``title``, none by date."""

    def answer(site: Site, call: Call) -> Answer:
        part = site.part(ContentPart)
        statuses, form = _statuses(call, kind), _body_format(call)
        ids, spaces, title = (
            ids_of(call, "id", _MOST_IDS),
            ids_of(call, "space-id", _MOST_SPACES),
            call.query.get("title"),
        )
        part.page_asked()
        items = (
            item
            for item in part.library.of(kind)
            if call.caller.is_known
            and item.is_listed
            and item.status in statuses
            and (ids is None or item.id in ids)
            and (spaces is None or int(item.space.id) in spaces)
            and (title is None or item.latest.title == title)
        )
        orders = _ORDERS.get(kind, _COMMENT_ORDERS)
        return page(
            site, call, PATHS[kind], items, orders=orders, write=lambda item: views.write_item(item, form)
        )

    return answer


def get_spaces(site: Site, call: Call) -> Answer:
    """All spaces; filters by ``ids`` and ``keys``."""
    ids, keys = ids_of(call, "ids", _MOST_IDS), words_of(call, "keys")
    orders = Orders(
        {
            "id": lambda space: int(space.id),
            "key": lambda space: space.key,
            "name": lambda space: space.name,
        },
        "id",
        lambda space: int(space.id),
    )
    spaces = [
        space
        for space in site.world.places.spaces
        if call.caller.is_known
        and (ids is None or int(space.id) in ids)
        and (keys is None or space.key in keys)
    ]
    return page(
        site,
        call,
        f"{API}/spaces",
        spaces,
        orders=orders,
        write=lambda space: views.write_space(site.world, space),
    )


def _found(site: Site, call: Call, kind: Kind) -> Item | None:
    text = call.names["id"]
    item = site.part(ContentPart).library.items.get(int(text)) if text.isdecimal() else None
    if item is None or item.kind is not kind or not item.is_listed or not call.caller.is_known:
        return None
    return None if item.status is Status.DELETED else item


def get_item(kind: Kind) -> Callable[[Site, Call], Answer]:
    """One item, by its id, in the trash too; 404 where it is purged or hidden."""

    def answer(site: Site, call: Call) -> Answer:
        item = _found(site, call, kind)
        if item is None:
            return not_found(Product.CONFLUENCE_V2)
        written: JsonObject = views.write_item(item, _body_format(call))
        return Answer(200, written, rows=1)

    return answer


def get_versions(kind: Kind) -> Callable[[Site, Call], Answer]:
    """All versions of one item, newest first unless asked otherwise."""

    def answer(site: Site, call: Call) -> Answer:
        site.count_page()
        item, form = _found(site, call, kind), _body_format(call)
        if item is None:
            return not_found(Product.CONFLUENCE_V2)
        path = f"{PATHS[kind]}/{item.id}/versions"
        return page(
            site,
            call,
            path,
            item.versions,
            orders=_VERSION_ORDERS,
            write=lambda version: views.write_version(item, version, form),
        )

    return answer
