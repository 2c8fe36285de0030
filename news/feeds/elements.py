"""One element of a well-formed feed, told in feedparser's words: its name, words, link, author.

What feedparser may read in another way is refused, and the whole document is then its own.
"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

if TYPE_CHECKING:
    from collections.abc import Mapping

ATOM = "http://www.w3.org/2005/Atom"
RSS1 = "http://purl.org/rss/1.0/"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
PREFIXES = {
    ATOM: "",
    RSS1: "",
    RDF: "rdf",
    "http://purl.org/rss/1.0/modules/content/": "content",
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://purl.org/dc/terms/": "dcterms",
    "http://search.yahoo.com/mrss/": "media",
    "http://search.yahoo.com/mrss": "media",
    "http://www.rssboard.org/media-rss": "media",
    "http://www.itunes.com/dtds/podcast-1.0.dtd": "itunes",
    "http://www.itunes.com/DTDs/PodCast-1.0.dtd": "itunes",
    "http://cyber.law.harvard.edu/rss/creativeCommonsRssModule.html": "cc",
    "http://backend.userland.com/creativeCommonsRssModule": "cc",
    "http://rssnamespace.org/feedburner/ext/1.0": "feedburner",
    "http://purl.org/rss/1.0/modules/slash/": "slash",
    "http://purl.org/rss/1.0/modules/syndication/": "sy",
    "http://prismstandard.org/namespaces/basic/2.0/": "prism",
    "http://purl.org/syndication/thread/1.0": "thr",
    "http://wellformedweb.org/commentapi/": "wfw",
    "http://wellformedweb.org/CommentAPI/": "wfw",
}
# To feedparser an element of a namespace that it does not know is what its prefix says.
TAKEN = frozenset(PREFIXES.values()) | {"xhtml", "body", "xml", "psc"}
_BLANKS = " \t\r\n"
# What is worth knowing of namespaces that feedparser does not know.
_ELSEWHERE = {
    **dict.fromkeys(("og:image", "g:image_link"), "their-picture"),
    **dict.fromkeys(("yandex:full-text", "turbo:content"), "their-text"),
}
_TEXT_TYPES = frozenset({"text", "html", "plain", "text/plain", "text/html"})
BASE = "{http://www.w3.org/XML/1998/namespace}base"
LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
OWN_SCOPE = frozenset(
    {
        BASE,
        LANGUAGE,
        "base",
        "lang",
        "mode",
        "src",
    }
)
_C1 = re.compile("[\x80-\x9f]")
_CP1252 = {code: bytes([code]).decode("cp1252", "ignore") or chr(code) for code in range(128, 160)}
_ADDRESS_FIRST = re.compile(
    r"[^\s<>@()\]]{1,100}@[^\s<>@()\]]{1,200}(?:\s*\(([^<>()\]]{1,200})\))?"
)
_ADDRESS_LAST = re.compile(
    r"([^<>@&()\]]{1,200}?)\s*[<(]\s*[^\s<>@&()]{1,100}@[^\s<>@&()]{1,200}\s*[>)]"
)
_MOST_ATTRIBUTES = 40
_LONGEST_AUTHOR = 600
"""Characters of an author's name and address."""
_AMPERSANDS = re.compile("&(?:amp;)+")
_ENTITY_LIKE = re.compile("&([A-Za-z0-9_]+);")


class UnusualError(Exception):
    """Something that is left to feedparser."""


class Elements:
    """Elements of one document.

    Args:
        base: What its links are relative to.
    """

    def __init__(self, base: str) -> None:
        self._base = base
        self._names: dict[str, str] = {}

    def name(self, element: Any) -> str:  # noqa: ANN401 — as above
        """`prefix:name` in lower case, as feedparser knows it; "" for what means nothing to it."""
        tag: str = element.tag
        known = self._names.get(tag)
        if known is not None:
            return known
        if tag[0] != "{":
            name = tag.lower()
        else:
            uri, _, local = tag[1:].partition("}")
            prefix = PREFIXES.get(uri)
            if prefix is None:
                own = (element.prefix or "").lower()
                if own in TAKEN:
                    raise UnusualError(f"{own} stands for another namespace")
                return _ELSEWHERE.get(f"{own}:{local}", "")
            name = f"{prefix}:{local}".lstrip(":").lower()
        self._names[tag] = name
        return name

    def link(self, part: Any) -> dict[str, str]:  # noqa: ANN401 — as above
        """A link as `rel`, `type` and an absolute `href`.

        Raises:
            UnusualError: It holds several addresses, or none beside attributes.
        """
        given = lower_kinds(part.attrib)
        href = given.get("href")
        if href is None:
            if given:
                raise UnusualError("a link with attributes and no address")
            text = words(part)
            if text:
                text = _AMPERSANDS.sub("&", mended(urljoin(self._base, text)))
                text = _ENTITY_LIKE.sub(r"&\1", text)
            return {"rel": "alternate", "type": "text/html", "href": text}
        if not href or "url" in given or "uri" in given:
            raise UnusualError("a link with several addresses")
        if words(part):
            raise UnusualError("a link with text")
        relation = given.get("rel", "alternate")
        kind = given.get("type", "application/atom+xml" if relation == "self" else "text/html")
        return {"rel": relation, "type": kind, "href": urljoin(self._base, href)}

    def author(self, part: Any) -> dict[str, str]:  # noqa: ANN401 — as above
        """An author as a `name`; nothing where none is told.

        Raises:
            UnusualError: It is an e-mail address, or holds elements of other names.
        """
        told: dict[str, str] = {}
        for one in part:
            name = self.name(one)
            if name not in {"", "name", "email", "uri"}:
                raise UnusualError("an unusual author")
            text = words(one)
            if name in told:
                raise UnusualError("an author with two names")
            if name:
                told[name] = text
        if len(part):
            if (part.text or "").strip(_BLANKS):
                raise UnusualError("an author with text and elements")
            return {"name": told["name"]} if told.get("name") else {}
        text = mended(words(part))
        if "@" in text:
            text = _without_address(text)
        return {"name": text} if text else {}


def _without_address(text: str) -> str:
    if len(text) > _LONGEST_AUTHOR:
        raise UnusualError("an author's address in a long text")
    for form in (_ADDRESS_FIRST, _ADDRESS_LAST):
        found = form.fullmatch(text)
        if found:
            return found[1] or ""
    raise UnusualError("an author's address")


def words(element: Any, *, typed: bool = False) -> str:  # noqa: ANN401 — lxml has no types
    """The text of an element without elements.

    Args:
        element: The element.
        typed: Whether it may say of which type its text is.
    """
    if len(element):
        raise UnusualError("elements within a text")
    if typed and len(element.attrib) > 1:
        raise UnusualError("text with attributes")
    if typed:
        for name, value in element.attrib.items():
            if name != "type" or value.lower() not in _TEXT_TYPES:
                raise UnusualError("text of another type")
    return (element.text or "").strip()


def check_scope(element: Any) -> None:  # noqa: ANN401 — lxml has no types
    """Refuse an element with a base or a language of its own.

    Raises:
        UnusualError: It has one, or more attributes than any element that means something.
    """
    if len(element.attrib) > _MOST_ATTRIBUTES:
        raise UnusualError("an element of many attributes")
    if not OWN_SCOPE.isdisjoint(element.attrib):
        raise UnusualError("an element with a base or language of its own")


def lower_kinds(attributes: Mapping[str, str]) -> dict[str, str]:
    """Attributes by their names in lower case, as are the values of `rel` and `type`."""
    return {
        name.lower(): value.lower() if name.lower() in {"rel", "type"} else value
        for name, value in attributes.items()
    }


def mended(text: str) -> str:
    """A text that was encoded twice, or with the C1 controls for typographic marks, as meant."""
    if text.isascii():
        return text
    with suppress(UnicodeError):
        text = text.encode("iso-8859-1").decode("utf-8")
    return text.translate(_CP1252) if _C1.search(text) else text
