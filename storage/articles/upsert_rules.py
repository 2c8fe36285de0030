"""The rules for storing a round: which articles are new, edited or unchanged.

A round is the articles of one fetch of a source. An article is identified by its link, whichever
source brought it first. Another source with the same link fills in what was missing (a standfirst,
a body, a picture, an author, a language) and changes nothing else: neither the title nor the
filings. If a source gives a known id a new link, the article has moved, provided that its title or
its time is the same. So a broken feed that reuses ids for other news does not hide that news. What
a later round omits (a body, a picture) stays, since it may come from the article's page.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, fields, replace
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from storage.model import NewArticle
from storage.words import search_words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from storage.model import Round


class IndexedWords(NamedTuple):
    """The values computed from an article's texts alone. Slow to compute for long bodies."""

    title: str
    standfirst: str
    body: str
    """The tokens of the body, joined with spaces, as in `title` and `standfirst`."""
    body_print: str | None

    @property
    def text(self) -> str:
        """Title and standfirst, in which followed and muted words are looked for."""
        return search_words.between(self.title, self.standfirst)


@dataclass(frozen=True, slots=True)
class PreparedArticle:
    """A fetched article, and its words."""

    article: NewArticle
    words: IndexedWords
    followed: tuple[str, ...] = ()
    """The followed words that its title or standfirst contains."""

    @property
    def body_print(self) -> str | None:
        """The hash of its body; None without a body."""
        return self.words.body_print


@dataclass(frozen=True, slots=True)
class StoredArticle:
    """The fields of a stored article that identify it and show what has changed."""

    id: int
    source_id: int
    guid: str
    link: str
    title: str
    standfirst: str
    image: str | None
    author: str | None
    language: str | None
    published: datetime
    body_print: str | None


@dataclass(frozen=True, slots=True)
class Change:
    """A stored article that its source has edited, or to which another source adds."""

    was: StoredArticle
    now: PreparedArticle
    reworded: bool
    """Whether title, standfirst or body differ; otherwise only link, id, picture or author do."""
    filled: bool = False
    """Whether another source added to it. Then its categories stay."""


@dataclass(frozen=True, slots=True)
class Upserts:
    """The articles of one fetch of a source, divided into new, changed and unchanged ones."""

    new: tuple[PreparedArticle, ...]
    """New articles, the oldest first."""
    changed: tuple[Change, ...]
    unchanged: int


def prepare(
    round_: Round,
    words: Mapping[str, IndexedWords] | None = None,
    followed: Callable[[str], tuple[str, ...]] = lambda _: (),
) -> tuple[PreparedArticle, ...]:
    """Return the round's articles, oldest first, without duplicate links. Slow without `words`.

    `words` has the results of `words_of` by link.
    """
    once: dict[str, PreparedArticle] = {}
    for article in round_.articles:
        clean = _storable(article)
        if clean.link in once:
            continue
        found = words.get(clean.link) if words and clean is article else None
        found = found or words_of(clean.title, clean.standfirst, clean.body)
        once[clean.link] = PreparedArticle(clean, found, followed(found.text))
    return tuple(sorted(once.values(), key=lambda one: one.article.published))


def judge(
    brought: Sequence[PreparedArticle], present: Iterable[StoredArticle], source_id: int
) -> Upserts:
    """Divide fetched articles into new, changed and unchanged ones. A pure function.

    `present` are the stored articles with their links or ids.
    """
    links = {one.article.link for one in brought}
    by_link: dict[str, StoredArticle] = {}
    elsewhere: dict[str, list[StoredArticle]] = {}
    for known in present:
        by_link[known.link] = known
        if known.source_id == source_id and known.link not in links:
            elsewhere.setdefault(known.guid, []).append(known)
    new: list[PreparedArticle] = []
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
    return Upserts(tuple(new), tuple(changed), unchanged)


def _taken(candidates: list[StoredArticle], article: NewArticle) -> StoredArticle | None:
    """Remove from the candidates the same article under its old link, and return it, or None.

    It is removed because an article moves to one link only.
    """
    for place, known in enumerate(candidates):
        if _same(known, article):
            return candidates.pop(place)
    return None


def _same(known: StoredArticle | NewArticle, article: NewArticle) -> bool:
    """Return whether two articles with the same id and different links are the same article."""
    return known.title == article.title or known.published == article.published


def _difference(was: StoredArticle, one: PreparedArticle, source_id: int) -> Change | None:
    if was.source_id != source_id:
        return _addition(was, one)
    article = one.article
    reworded = (
        was.title != article.title
        or article.standfirst not in {"", was.standfirst}
        or one.body_print not in {None, was.body_print}
    )
    moved = was.link != article.link or was.guid != article.guid
    return Change(was, one, reworded) if reworded or moved or _fills(was, article) else None


def _addition(was: StoredArticle, one: PreparedArticle) -> Change | None:
    """Return what another source's report adds to a stored article; None for nothing."""
    article = one.article
    standfirst = "" if was.standfirst else article.standfirst
    body = article.body if was.body_print is None else None
    if not (standfirst or body or _fills(was, article)):
        return None
    added = replace(
        article,
        guid=was.guid,
        link=was.link,
        title=was.title,
        standfirst=standfirst,
        body=body,
        body_kinds=article.body_kinds if body else "",
    )
    words = one.words._replace(
        title=search_words.joined_tokens(was.title),
        body=one.words.body if body else "",
        body_print=one.body_print if body else None,
    )
    return Change(
        was, PreparedArticle(added, words), reworded=bool(standfirst or body), filled=True
    )


def _fills(was: StoredArticle, article: NewArticle) -> bool:
    """Return whether an article brings a picture or an author that was missing."""
    # A picture's address may contain a token that changes each time, so a known picture stays.
    return (was.image is None and article.image is not None) or (
        was.author is None and article.author is not None
    )


def _storable(article: NewArticle) -> NewArticle:
    """Return the article without characters that no database stores: NUL and lone surrogates."""
    texts = _TEXTS(article)
    # Nearly all articles are clean, which one check of all texts shows.
    if _clean(together := "".join(filter(None, texts))) == together:
        return article
    clean: dict[str, Any] = {
        name: value and _clean(value) for name, value in zip(_NAMES, texts, strict=True)
    }
    return replace(article, **clean)


_NAMES = tuple(each.name for each in fields(NewArticle) if each.type in {"str", "str | None"})
_TEXTS = attrgetter(*_NAMES)


def _clean(value: str) -> str:
    if value.isascii() and "\0" not in value:
        return value
    return value.replace("\0", "").encode("utf-8", "ignore").decode()


def words_of(title: str, standfirst: str, body: str | None) -> IndexedWords:
    """Return the tokens of an article for search, and the hash of its body."""
    return IndexedWords(
        title=search_words.joined_tokens(title),
        standfirst=search_words.joined_tokens(standfirst),
        body=search_words.joined_tokens(body or ""),
        body_print=body_print(body) if body else None,
    )


def body_print(body: str) -> str:
    """Return a short hash of a body: 16 hexadecimal digits."""
    return hashlib.blake2b(body.encode("utf-8", "ignore"), digest_size=8).hexdigest()
