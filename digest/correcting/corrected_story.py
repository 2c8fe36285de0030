"""A story of a sent message as a copy of the message is to show it now. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from digest.editions.correction_marks import mark_of
from storage.model import ArticleState, EditionStory
from templates.markup.text import shorten

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, tzinfo

    from storage.model import Article, Correction

CUTS = (None, (300, 300), (200, 100), (120, 0), (60, 0), (30, 0))
"""Ways to show a corrected story; the first whose message fits is used.

None shows the story in full. The others leave out its summary and give the most UTF-16 units of its
headline and of the reason for a withdrawal; 0 leaves the reason out.
"""


def as_sent(
    article: Article, version: int, texts: Mapping[tuple[int, int], tuple[str, str]]
) -> Article:
    """Return an article with the texts of a version; the present ones if there is none so old."""
    title, standfirst = texts.get((article.id, version), (article.title, article.standfirst))
    return replace(article, title=title, standfirst=standfirst, state=None)


def corrected(
    article: Article,
    version: int,
    texts: Mapping[tuple[int, int], tuple[str, str]],
    corrections: Sequence[Correction],
    *,
    zone: tzinfo,
    day: date,
) -> EditionStory:
    """Return a story with the texts that its message had, but for the corrections since.

    What its source changed meanwhile, without an editor, is not shown. `texts` has the title and
    standfirst of former versions.
    """
    sent = as_sent(article, version, texts)
    title, standfirst = sent.title, sent.standfirst
    since = [each for each in corrections if not each.undone and each.version > version]
    for each in since:
        if each.title != each.title_was:
            title = each.title
        if each.standfirst != each.standfirst_was:
            standfirst = each.standfirst
    mark = mark_of(article, corrections, since, zone=zone, day=day)
    state = ArticleState.WITHDRAWN if article.is_withdrawn else None
    return EditionStory(replace(sent, title=title, standfirst=standfirst, state=state), mark=mark)


def cut(story: EditionStory, cuts: tuple[int, int] | None) -> EditionStory:
    """Return a corrected story that takes less room, by one of `CUTS`."""
    if cuts is None:
        return story
    of_title, of_reason = cuts
    article, mark = story.article, story.mark
    if mark is not None:
        mark = mark._replace(reason=shorten(mark.reason, of_reason) if of_reason else "")
    title = shorten(article.title, of_title)
    return replace(story, article=replace(article, title=title, standfirst=""), mark=mark)


def needs_edit(correction: Correction, version: int) -> bool:
    """Return whether a message with this version of the story is changed by a correction."""
    if version == correction.version:
        # Withdrawals began no version of their own at first.
        was = (correction.title_was, correction.standfirst_was)
        return (correction.title, correction.standfirst) == was
    return version < correction.version
