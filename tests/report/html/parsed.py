"""A page as a strict reader sees it."""

import gzip
import json
import re
from base64 import b64decode
from html.parser import HTMLParser
from typing import Any

NASTY = "</script><script>alert('x')</script>\" & <img src=x onerror=alert(1)>"
VOID = {"meta", "link", "input", "br", "hr", "img", "wbr"}


class Checker(HTMLParser):
    """Refuses unbalanced tags; remembers ids, scripts and addresses."""

    def __init__(self) -> None:
        """Nothing seen yet."""
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.ids: list[str] = []
        self.count: dict[str, int] = {}
        self.addresses: list[str] = []
        self.handlers: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open, unless the tag has no end."""
        self.count[tag] = self.count.get(tag, 0) + 1
        for name, value in attrs:
            if name == "id":
                self.ids.append(value or "")
            if name in {"src", "href", "xlink:href"}:
                self.addresses.append(value or "")
            if name.startswith("on"):
                self.handlers.append(name)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Self-closing tags of SVG."""
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        """Close the tag opened last."""
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag


def checked(text: str) -> Checker:
    """Parse a page."""
    checker = Checker()
    checker.feed(text)
    checker.close()
    assert checker.open == []
    return checker


def charts_in(text: str) -> dict[str, Any]:
    """What the script of a page draws its charts from."""
    found = re.search(r'id="charts">([^<]*)</script>', text)
    assert found
    kept: dict[str, Any] = json.loads(gzip.decompress(b64decode(found[1])))
    return kept
