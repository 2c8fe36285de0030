"""A reader's first edition, filled up if the chosen subjects had little news lately. Pure.

Stories up to seven days old are taken from the chosen subjects, then from the sections of followed
houses. In a private chat, a few stories from other subjects follow below a line that says so.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from digest.choosing.edition import CandidatePool
from digest.choosing.ranking import OLDEST
from digest.choosing.sections import lead_first, section_of
from storage.model import Edition, EditionSection

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from digest.choosing.category_kinds import CategoryKinds
    from storage.model import Article, EditionStory, Taste

STARTERS = ("style", "motor", "business")
"""Sections with daily news, followed by readers who leave the choice to the bot."""
FEWEST = 5
"""Number of chosen stories at which a first edition is not filled up."""
MOST_ADDED = 3
"""Maximum number of stories from subjects that the reader did not choose."""
FIRST = timedelta(days=7)
"""Greatest age of a chosen story in a first edition."""
POOL = 400
"""Maximum number of articles of each kind to fill a first edition from, the newest ones."""


class FurtherArticles(NamedTuple):
    """The articles that may fill a first edition up; each sequence is ordered by id."""

    chosen: Sequence[Article] = ()
    """Articles of the last seven days in the chosen subjects and `homes`, all their reports."""
    homes: frozenset[str] = frozenset()
    """Slugs of the sections of followed houses."""
    latest: Sequence[Article] = ()
    """The newest articles of the archive; empty if only chosen subjects may be shown."""


def homes_of(taste: Taste, sections: Mapping[str, str]) -> frozenset[str]:
    """Return the sections of a taste's houses and groups that it neither follows nor mutes."""
    homes = {sections[slug] for slug in taste.follows if slug in sections}
    return frozenset(homes - taste.follows - taste.muted_categories)


def widened(taste: Taste, homes: frozenset[str]) -> Taste:
    """Return a taste that also follows the sections of its houses."""
    return replace(taste, follows=taste.follows | homes) if homes else taste


def was_filled(shown: Sequence[Article], taste: Taste, due: datetime) -> bool:
    """Return whether a first edition that showed these articles had been filled up."""
    if len(shown) < FEWEST:
        return True
    return any(
        each.backlog or each.published < due - OLDEST or section_of(each, taste) is None
        for each in shown
    )


def topped_up(
    edition: Edition,
    taste: Taste,
    further: FurtherArticles,
    *,
    size: int,
    now: datetime,
    kinds: CategoryKinds,
    exclude: Collection[int],
    language: str,
    more: int = 0,
) -> Edition:
    """Return a first edition, filled up if it has fewer than `FEWEST` stories.

    Articles of a source's first round count as new here, because the reader has had none of them.
    """
    if len(edition.stories) >= min(FEWEST, size):
        return edition
    filling = _Filling(exclude, language)
    chosen = _as_new(further.chosen)
    pool = CandidatePool(chosen, now=now, oldest=FIRST, kinds=kinds)
    edition = filling.filled(edition, pool, taste, size - len(edition.stories))
    others = pool.others(
        taste,
        shown={story.article.event for story in edition.stories},
        place_from=0,
        exclude=exclude,
        language=language,
    )
    edition = _counted(edition, others, more)
    left_out = sum(section.left_out for section in edition.sections)

    def missing() -> int:
        return min(FEWEST - left_out, size) - len(edition.stories)

    if further.homes and missing() > 0:
        homes = replace(taste, follows=further.homes, words=frozenset())
        edition = filling.filled(edition, pool, homes, missing())
    if not further.latest:
        return edition
    wide = widened(taste, further.homes)
    latest = [each for each in _as_new(further.latest[-POOL:]) if section_of(each, wide) is None]
    pool = CandidatePool(latest, now=now, oldest=OLDEST, kinds=kinds)
    most = min(MOST_ADDED, missing())
    # A house that nobody chose has no more room than others.
    others_ = {slug for each in latest for slug in each.categories} - kinds.houses
    for follows in (frozenset(STARTERS), frozenset(others_)):
        foreign = replace(taste, follows=follows, words=frozenset())
        edition = filling.filled(edition, pool, foreign, most - edition.added, added=True)
    return edition


class _Filling:
    def __init__(self, exclude: Collection[int], language: str) -> None:
        self._exclude = exclude
        self._language = language

    def filled(
        self, edition: Edition, pool: CandidatePool, taste: Taste, room: int, *, added: bool = False
    ) -> Edition:
        """Return an edition with up to `room` stories of a pool after its own.

        `added` says that the reader chose none of their subjects.
        """
        if room < 1:
            return edition
        had = [story.article for story in edition.stories]
        again = pool.ids_of({each.event for each in had})
        found = pool.edition(
            taste,
            size=room,
            place_from=0,
            exclude={*self._exclude, *again, *(each.id for each in had)},
            shown_earlier=had,
            language=self._language,
        )
        # Which days a story ran over is said in editions of a week alone.
        placed = [(under, replace(story, coverage=None)) for under, story in found.placed()]
        return with_stories(edition, placed, added=added) if placed else edition


def _as_new(articles: Iterable[Article]) -> list[Article]:
    return [replace(each, backlog=False) if each.backlog else each for each in articles]


def with_stories(
    edition: Edition, more: Sequence[tuple[str, EditionStory]], *, added: bool = False
) -> Edition:
    """Return an edition with more stories after its own, `added` if none of it is followed."""
    lead, lead_category, rest = edition.lead, edition.lead_category, list(more)
    if lead is None:
        (lead_category, lead), *rest = rest
    # Sections that only count stories left out come at the end.
    filled = {each.category: each for each in edition.sections if each.stories}
    counted = {each.category: each for each in edition.sections if not each.stories}
    for category, story in rest:
        section = filled.get(category) or counted.pop(category, EditionSection(category, ()))
        filled[category] = section._replace(stories=(*section.stories, story))
    if edition.lead is None:
        filled = lead_first(filled, lead_category)
    return replace(
        edition,
        lead=lead,
        lead_category=lead_category,
        sections=(*filled.values(), *counted.values()),
        added=edition.added + (len(more) if added else 0),
    )


def _counted(edition: Edition, others: Iterable[EditionSection], more: int) -> Edition:
    left_out = {each.category: each.stories for each in others}
    filled = [each for each in edition.sections if each.stories]
    rest = sorted(left_out.keys() - {each.category for each in filled})
    sections = [*filled, *(EditionSection(category, ()) for category in rest)]
    return replace(
        edition,
        sections=tuple(
            each._replace(
                left_out=len(left_out.get(each.category, ())),
                more=tuple(left_out.get(each.category, ()))[:more],
            )
            for each in sections
        ),
    )
