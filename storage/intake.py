"""How one round of a source gets into the archive: what is new, what was edited, what is known.

An article is known by its link, whichever source brought it first. A source that gives a known id
a new link has moved the article if its title or its time is still the same; ids that a broken feed
uses again for other news do not hide that news. What a later round leaves out (a body, a picture)
stays as it was: the first may have had it from the article's page.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from storage import search

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from storage.model import NewArticle, Round


@dataclass(frozen=True, slots=True)
class Prepared:
    """An article of a round with what is computed from it alone."""

    article: NewArticle
    title: tuple[str, ...]
    standfirst: tuple[str, ...]
    body: tuple[str, ...]
    """The tokens of each."""
    body_print: str | None


@dataclass(frozen=True, slots=True)
class Present:
    """A stored article, as far as it takes to recognise it and to see what is different."""

    id: int
    source_id: int
    guid: str
    link: str
    title: str
    standfirst: str
    image: str | None
    published: datetime
    body_print: str | None


@dataclass(frozen=True, slots=True)
class Change:
    """A stored article whose source now tells it differently."""

    was: Present
    now: Prepared
    reworded: bool
    """Whether title, standfirst or body differ; otherwise only its link, id or picture."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the articles of a round are to the archive."""

    new: tuple[Prepared, ...]
    """Oldest first."""
    changed: tuple[Change, ...]
    unchanged: int


def prepare(round_: Round) -> tuple[Prepared, ...]:
    """The round's articles, oldest first, each link once. Pure, and heavy with long bodies."""
    once: dict[str, NewArticle] = {}
    for article in round_.articles:
        clean = _storable(article)
        once.setdefault(clean.link, clean)
    return tuple(map(_prepared, sorted(once.values(), key=attrgetter("published"))))


def judge(brought: Sequence[Prepared], present: Iterable[Present], source_id: int) -> Verdict:
    """Tell new articles from known ones, and edited from unchanged. Pure."""
    links = {one.article.link for one in brought}
    by_link: dict[str, Present] = {}
    elsewhere: dict[str, list[Present]] = {}
    for known in present:
        by_link[known.link] = known
        if known.source_id == source_id and known.link not in links:
            elsewhere.setdefault(known.guid, []).append(known)
    new: list[Prepared] = []
    twins: dict[str, list[NewArticle]] = {}
    changed: list[Change] = []
    unchanged = 0
    for one in brought:
        article = one.article
        was = by_link.get(article.link) or _taken(elsewhere.get(article.guid, []), article)
        if was is not None:
            twins.setdefault(article.guid, []).append(article)
            change = _difference(was, one, source_id)
            unchanged += change is None
            changed += [] if change is None else [change]
        elif any(_same(twin, article) for twin in twins.setdefault(article.guid, [])):
            unchanged += 1
        else:
            twins[article.guid].append(article)
            new.append(one)
    return Verdict(tuple(new), tuple(changed), unchanged)


def _taken(candidates: list[Present], article: NewArticle) -> Present | None:
    """The article under its former link, taken off the list: it moved to one place only."""
    for place, known in enumerate(candidates):
        if _same(known, article):
            return candidates.pop(place)
    return None


def _same(known: Present | NewArticle, article: NewArticle) -> bool:
    """Whether two articles with one id and two links are one."""
    return known.title == article.title or known.published == article.published


def _difference(was: Present, one: Prepared, source_id: int) -> Change | None:
    article = one.article
    if was.source_id != source_id:
        return None  # another source's telling is not this one's to write over
    reworded = (
        was.title != article.title
        or article.standfirst not in {"", was.standfirst}
        or one.body_print not in {None, was.body_print}
    )
    moved = was.link != article.link or was.guid != article.guid
    # A picture's address may carry a ticket that is new every time: one is enough.
    pictured = was.image is None and article.image is not None
    return Change(was, one, reworded) if reworded or moved or pictured else None


def _storable(article: NewArticle) -> NewArticle:
    """The article without what no database takes: NUL, and halves of characters."""
    clean: dict[str, Any] = {
        name: better
        for name in ("guid", "link", "title", "standfirst", "body", "image", "author")
        if (value := getattr(article, name)) is not None and (better := _clean(value)) != value
    }
    return replace(article, **clean) if clean else article


def _clean(value: str) -> str:
    return value.replace("\0", "").encode("utf-8", "ignore").decode()


def _prepared(article: NewArticle) -> Prepared:
    return Prepared(
        article=article,
        title=tuple(search.tokens(article.title)),
        standfirst=tuple(search.tokens(article.standfirst)),
        body=tuple(search.tokens(article.body or "")),
        body_print=body_print(article.body) if article.body else None,
    )


def body_print(body: str) -> str:
    """A short print of a body: equal for equal ones."""
    return hashlib.blake2b(body.encode(), digest_size=8).hexdigest()
