"""What every page must be: well-formed, loading nothing, with no word that became markup."""

from __future__ import annotations

from html.parser import HTMLParser

VOID = {"meta", "br", "hr", "img", "link", "input"}
LOADING = {
    "script",
    "img",
    "link",
    "iframe",
    "object",
    "embed",
    "audio",
    "video",
    "source",
    "image",
    "use",
    "base",
}
HEADINGS = {"h1", "h2", "h3"}


class Checked(HTMLParser):
    """Parses a page and fails on what must not be in it."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.targets: list[str] = []
        self.links: list[str] = []
        self.words: list[str] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag, attrs):
        assert tag not in LOADING, tag
        self.tags.add(tag)
        given = dict(attrs)
        assert len(given) == len(attrs), (tag, attrs)
        for name, value in given.items():
            assert not name.startswith("on"), (tag, name)
            assert name not in {"src", "srcset", "data", "poster", "xlink:href", "action"}, (tag, name)
            if name == "style":
                assert "url(" not in value
        if "id" in given:
            self.ids.append(given["id"])
        if tag == "a":
            href = given["href"]
            (self.targets if href.startswith("#") else self.links).append(href)
        if tag == "svg":
            assert given.get("aria-label") or given.get("aria-hidden") == "true"
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag):
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)


def check_page(text: str) -> Checked:
    """Parse and check a page."""
    found = Checked()
    found.feed(text)
    found.close()
    assert not found.open
    assert len(set(found.ids)) == len(found.ids)
    assert {target[1:] for target in found.targets} <= {*found.ids}
    assert all(link.startswith(("https://", "http://")) for link in found.links)
    assert "@import" not in text
    assert "url(" not in text
    assert "default-src 'none'" in text.replace("&#x27;", "'")
    return found
