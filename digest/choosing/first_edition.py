"""A reader's first edition, filled where what they chose has had little news of late. Pure.

It goes up to seven days back in what was chosen, then takes the sections of followed houses. In a
private chat a few stories that nobody chose stand below a line of their own.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from digest.choosing.edition import CandidatePool, section_of
from digest.choosing.ranking import OLDEST
from storage.model import Edition, EditionSection

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from digest.choosing.kinds import Kinds
    from storage.model import Article, EditionStory, Taste

STARTERS = ("style", "motor", "business")
"""The sections that a reader follows who leaves the choice to the bot: they have news every day."""
FEWEST = 5
"""Stories of what was chosen with which a first edition needs no others."""
MOST_ADDED = 3
"""Stories that nobody chose, at most."""
FIRST = timedelta(days=7)
"""How old a story of what was chosen may be in a first edition."""
POOL = 400
"""Articles that a first edition is filled from, the newest ones, of each kind."""


class Further(NamedTuple):
    """The articles that a first edition may be filled from, each kind in the order of the ids."""

    chosen: Sequence[Article] = ()
    """Articles since `FIRST` in what the reader chose and in `homes`; all reports of each event."""
    homes: frozenset[str] = frozenset()
    """Slugs of the sections of followed houses."""
    latest: Sequence[Article] = ()
    """The newest articles of the archive; none where nothing may be added that nobody chose."""


def homes_of(taste: Taste, sections: Mapping[str, str]) -> frozenset[str]:
    """Return the sections of the houses and groups that a taste follows, but what it has already.

    Args:
        taste: The taste.
        sections: A house's or group's slug → the slug of its section.
    """
    homes = {sections[slug] for slug in taste.follows if slug in sections}
    return frozenset(homes - taste.follows - taste.muted_categories)


def widened(taste: Taste, homes: frozenset[str]) -> Taste:
    """Return a taste that follows the sections of its houses as well."""
    return replace(taste, follows=taste.follows | homes) if homes else taste


def was_filled(shown: Sequence[Article], taste: Taste, due: datetime) -> bool:
    """Whether a first edition that showed some articles had been filled.

    Args:
        shown: The articles.
        taste: The reader's taste at that time.
        due: When the edition was due.
    """
    if len(shown) < FEWEST:
        return True
    return any(
        each.backlog or each.published < due - OLDEST or section_of(each, taste) is None
        for each in shown
    )


def topped_up(
    edition: Edition,
    taste: Taste,
    further: Further,
    *,
    size: int,
    now: datetime,
    kinds: Kinds,
    exclude: Collection[int],
    language: str,
    more: int = 0,
) -> Edition:
    """Return a first edition that is filled if it has fewer than `FEWEST` stories.

    Articles that came with a source's first round count, too: no reader has had them.

    Args:
        edition: The stories of the last days in what the reader follows.
        taste: What the reader chose; what it mutes, and languages that it leaves out, stay out.
        further: What it may be filled from.
        size: The most stories of the edition.
        now: The edition's own time.
        kinds: Which categories are houses, and which are followed by name.
        exclude: Ids of articles whose stories the reader has had.
        language: The reader's own: of an event, reports in it come first.
        more: Of what is left out of each section, so many stories come along.
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
    """What stays the same while an edition is filled.

    Args:
        exclude: Ids of articles whose stories the reader has had.
        language: The reader's own.
    """

    def __init__(self, exclude: Collection[int], language: str) -> None:
        self._exclude = exclude
        self._language = language

    def filled(
        self, edition: Edition, pool: CandidatePool, taste: Taste, room: int, *, added: bool = False
    ) -> Edition:
        """Return an edition with the best of a pool behind its own stories.

        Args:
            edition: The edition so far.
            pool: What it is filled from.
            taste: What is taken from the pool.
            room: The most stories to take; none where it is 0 or less.
            added: Whether nobody chose them.
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
        return _with(edition, placed, added=added) if placed else edition


def _as_new(articles: Iterable[Article]) -> list[Article]:
    return [replace(each, backlog=False) if each.backlog else each for each in articles]


def _with(edition: Edition, more: Sequence[tuple[str, EditionStory]], *, added: bool) -> Edition:
    """An edition with more stories, behind those that it had."""
    lead, lead_category, rest = edition.lead, edition.lead_category, list(more)
    if lead is None:
        (lead_category, lead), *rest = rest
    # Sections that only count stories left out come at the end.
    filled = {each.category: each for each in edition.sections if each.stories}
    counted = {each.category: each for each in edition.sections if not each.stories}
    for category, story in rest:
        section = filled.get(category) or counted.pop(category, EditionSection(category, ()))
        filled[category] = section._replace(stories=(*section.stories, story))
    return replace(
        edition,
        lead=lead,
        lead_category=lead_category,
        sections=(*filled.values(), *counted.values()),
        added=edition.added + (len(more) if added else 0),
    )


def _counted(edition: Edition, others: Iterable[EditionSection], more: int) -> Edition:
    """An edition that counts, and brings along, what its sections left out."""
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
