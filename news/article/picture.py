"""Picture of an article's page, from its metadata or its visible content, without site logos."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from news.feeds.item import picture
from news.html import json_ld, markup
from news.html.pictures import source_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml import html  # type: ignore[import-untyped]  # lxml has no types

_PICTURES = 40
"""Most pictures of a page that are looked at."""
_SMALLEST = 100
"""Fewest pixels of a picture's side."""
_LARGEST_RATIO = 4
"""Ratio of long to short side above which a picture is a decorative strip."""
_NO_ARTICLE_S = re.compile(
    r"logo|avatar|icon(?!ic)|author|sprite|badge|gravatar|(?:^|[\s/_-])ads?[\s._/-]|advert|banner|"
    r"qr-?code|(?:^|[\s/_-])(?:blank|spacer|transparent|loading|pixel|flags?)(?:$|[\s._/-])|"
    r"/(?:themes?|skins?|nav(?:igation)?|headers?)/|header[\w-]{0,80}\.\w+$|\.php$",
    re.IGNORECASE,
)
"""Matches the class or address of a picture that does not belong to an article."""
_SITE_S = re.compile(
    r"logo|favicon|touch-icon|place-?holder|no[-_]?image|(?:^|[-_.]|image)default(?:[-_.]|$)|qr-?code|"
    r"(?:^|[-_])(?:blank|spacer|transparent|loading|pixel)[-_.]|"
    r"^(?:facebook|fb|twitter|og|social)(?:[-_](?:image|icon|card|share)\w*)?\.|"
    r"(?:facebook|fb|twitter|linkedin|instagram|share)[-_]?icon|"
    r"(?:social|facebook|fb|twitter)[-_](?:share|image|card)|share[-_](?:image|img|card)",
    re.IGNORECASE,
)
_PICTURE = re.compile(r"\.(?:jpe?g|png|webp|avif|gif)\b", re.IGNORECASE)


def picture_of(
    tree: html.HtmlElement,
    thing: dict[str, Any],
    url: str,
    title: str,
    heading: html.HtmlElement | None,
) -> str | None:
    """Return the address of the article's picture, or None."""
    base = markup.base_of(tree, url)
    named = [
        *markup.meta(tree, "og:image:secure_url", "og:image", "og:image:url"),
        *markup.meta(tree, "twitter:image", "twitter:image:src", "image", "thumbnail"),
        json_ld.address(thing.get("image")),
        json_ld.address(thing.get("thumbnailUrl")),
        *(one.get("href") for one in markup.linked(tree, "image_src")),
    ]
    publisher = thing.get("publisher")
    logo = json_ld.address(publisher.get("logo")) if isinstance(publisher, dict) else ""
    about_logos = "logo" in title.casefold()
    for one in named:
        link = picture(one, base)
        # For an article without a picture, publishing systems name the site's own.
        if link and link != url and one != logo and (about_logos or not _is_site_s(link)):
            return link
    return next(
        (link for one in _shown(tree, heading) if (link := picture(source_of(one), base))), None
    )


def _is_site_s(link: str) -> bool:
    path = urlsplit(link).path
    # Without a path it is the front page.
    return path == "/" or bool(_SITE_S.search(path.rsplit("/", 1)[-1]) or "/themes/" in path)


def _shown(tree: html.HtmlElement, heading: html.HtmlElement | None) -> Iterator[html.HtmlElement]:
    above_heading = () if heading is None else heading.iterancestors("article", "main")
    around = next(iter(above_heading), None)
    if around is None:
        # If the headline is in no `article`, the first one may be a teaser of another article.
        around = next(tree.iter("article" if heading is None else "main"), tree)
    for one in islice(around.iter("img", "amp-img"), _PICTURES):
        sizes = [
            int(size) for name in ("width", "height") if (size := one.get(name) or "").isdigit()
        ]
        source = source_of(one).split("?", maxsplit=1)[0]
        if any(size < _SMALLEST for size in sizes) or (
            sizes and max(sizes) > _LARGEST_RATIO * min(sizes)
        ):
            continue
        if (
            _NO_ARTICLE_S.search(f"{one.get('class') or ''} {source}")
            # A GIF is usually decoration, unless it has a large size.
            or (not sizes and source.endswith(".gif"))
            or any(map(_leads_elsewhere, one.iterancestors()))
        ):
            continue
        yield one


def _leads_elsewhere(element: html.HtmlElement) -> bool:
    if element.tag == "a":
        return not _PICTURE.search(element.get("href") or "")
    return element.tag in markup.ASIDE
