"""The edition: a dated masthead, the lead with its picture, stories under their categories."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol
from zoneinfo import ZoneInfo

from storage.model import Layout
from templates.edition.lru_cache import LruCache
from templates.edition.pieces import GAP, LINE, PLACE, Pieces, joined, packed, piece, words
from templates.language.filters import preview_of
from templates.language.followed_words import read_by_many
from templates.language.languages import locale_of
from templates.language.lists import between
from templates.markup.message import RenderedMessage

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence
    from datetime import date, datetime

    from storage.model import Coverage, Edition, EditionStory, Unread
    from templates.edition.pieces import Piece

MORNING_ENDS = 12
EVENING_BEGINS = 18
EVENINGS = {"es": 20}
"""Language → the hour from which it says “good evening”, where that is another one."""
NIGHT_ENDS = 4
STORIES = 12_288
"""Stories kept for the next reader, each as often as it stands in another place."""
MOST_NAMED = 3
"""Categories that a greeting names."""
MOST_COUNTED = 5
"""Categories whose stories that were left out are counted apart."""


class Fragment(Protocol):
    """Renders a template as HTML (`Renderer.fragment`)."""

    def __call__(self, template: str, language: str, /, **values: object) -> str:
        """Render one template."""


class Names(Protocol):
    """The names of so many categories at most, as a list (`Filters.categories`)."""

    def __call__(self, slugs: Sequence[str], language: str, *, most: int) -> str:
        """Write them out."""


class EditionRenderer:
    """Puts editions together; what it rendered once it keeps for the next reader."""

    def __init__(self, fragment: Fragment, names: Names) -> None:
        self._fragment = fragment
        self._names = names
        self._stories: LruCache[Hashable, Piece] = LruCache(STORIES)
        self._frames = Pieces()

    def forget(self) -> None:
        """Render everything anew from here on."""
        self._stories.clear()
        self._frames.clear()

    def edition(
        self,
        edition: Edition,
        *,
        language: str,
        layout: Layout,
        zone: str,
        now: datetime,
        catch_up: bool,
        private: bool = True,
        since: str = "",
    ) -> RenderedMessage:
        """One reader's edition; `since` is when the one before came, where it is to say so."""
        if not private:
            edition = read_by_many(edition)
        count, lead = len(edition.stories), edition.lead
        masthead = self._masthead(
            edition, count, language, zone, now, catch_up=catch_up, since=since
        )
        blocks = [("", masthead)]
        # Each story bears the number of the button below that opens it; a single one needs none.
        numbers = iter(range(1, count + 1) if count > 1 else ())
        # A list of headlines has one rule for all of them.
        if layout is Layout.HEADLINES:
            gap, head, template = LINE, "section", "edition_story"
        else:
            gap, head, template = GAP, "kicker", "edition_lead"
        look = (language, layout, zone)
        first = () if lead is None else ((edition.lead_category, lead),)
        biggest = ((each.category, story) for each in edition.top for story in each.stories)
        under = ""
        for category, each in (*first, *biggest):
            number = next(numbers, None)
            if category == under:
                blocks.append((gap, self._story(template, each, look, number)))
            else:
                headed = self._story(template, each, look, number, head, category)
                blocks.append((GAP, headed))
            under = category
        for section in edition.sections:
            category = section.category
            goes_on = bool(under) and category == under
            for each in section.stories:
                number = next(numbers, None)
                if goes_on:
                    blocks.append((gap, self._story("edition_story", each, look, number)))
                else:
                    headed = self._story("edition_story", each, look, number, "section", category)
                    blocks.append((GAP, headed))
                    goes_on = True
            under = ""
        blocks += self._below(edition, language)
        shown = None
        if lead is not None:
            shown = preview_of(lead.article, private=private)
        pieces = packed(blocks)
        return RenderedMessage(tuple(map("".join, pieces)), shown, pieces)

    def _masthead(
        self,
        edition: Edition,
        count: int,
        language: str,
        zone: str,
        now: datetime,
        *,
        catch_up: bool,
        since: str,
    ) -> Piece:
        local = now.astimezone(ZoneInfo(zone))
        time = time_of_day(local.hour, language)
        masthead = self._frames.get(
            (
                "masthead",
                language,
                local.date(),
                time,
                count,
                edition.span,
                edition.added,
                catch_up,
                since,
            ),
            lambda: self._fragment(
                "edition_masthead",
                language,
                now=now,
                zone=zone,
                time_of_day=time,
                count=count,
                span=edition.span,
                added=edition.added,
                catch_up=catch_up,
                since=since,
                names=PLACE,
            ),
        )
        if not count:
            return masthead
        # Hardly two readers have the same sections: only their names are written anew.
        under = edition.categories
        named = (under[:MOST_NAMED], len(under) > MOST_NAMED)
        names = self._frames.get(
            ("names", language, *named),
            # Taken out of the archive's taxonomy since, a category leaves a story without any.
            lambda: self._names(under, language, most=MOST_NAMED) if under else "ON News",
            words,
        )
        return masthead.filled(names)

    def _story(  # noqa: PLR0917 - all that a story looks like
        self,
        template: str,
        story: EditionStory,
        look: tuple[str, Layout, str],
        number: int | str | None,
        head: str = "",
        category: str = "",
    ) -> Piece:
        """A story behind its number, or a `PLACE` for one, and under its category's name if given.

        With that name, as a section's or a kicker, it is one piece: a heading never ends a part.
        """
        article = story.article
        language, layout, zone = look
        ran = None if story.coverage is None else ran_for(story.coverage, zone)
        key = (
            article.id,
            article.title,
            article.standfirst,
            story.also_in,
            article.link,
            article.source,
            article.paywall,
            article.categories[:1],
            language,
            layout,
            template,
            number,
            ran,
            story.update,
            head,
            category,
        )
        kept = self._stories.get(key)
        if kept is not None:
            return kept
        if category:
            below = self._story(template, story, look, number)
            return self._stories.put(
                key, self._heading(head, language, category).bound(LINE, below)
            )
        if isinstance(number, int):
            # Rendered once for all numbers that it gets; before it, nothing of others' stands.
            placed = self._story(template, story, look, PLACE)
            numbered = placed.filled(words(str(number)))
            return self._stories.put(key, numbered._replace(strings=()))
        written = self._fragment(
            template,
            language,
            article=article,
            also_in=story.also_in,
            standfirsts=layout is Layout.SUMMARIES,
            number=number,
            ran=ran,
            update=story.update,
        )
        return self._stories.put(key, piece(written))

    def _heading(self, kind: str, language: str, category: str) -> Piece:
        return self._frames.get(
            (kind, language, category),
            lambda: self._fragment(f"edition_{kind}", language, category=category),
        )

    def _below(self, edition: Edition, language: str) -> list[tuple[str, Piece]]:
        """What stands below the stories."""
        footer = self._footer(edition, language)
        blocks = [] if footer is None else [(GAP, footer)]
        if edition.unread is not None:
            blocks.append((GAP, self._unread(edition.unread, language)))
        return blocks

    def _footer(self, edition: Edition, language: str) -> Piece | None:
        """How many more there are of each category: pieces, since hardly two readers' are alike."""
        counts = [(each.category, each.left_out) for each in edition.sections if each.left_out]
        if not counts:
            return None
        if len(counts) > MOST_COUNTED + 1:
            largest = sorted(counts, key=lambda each: -each[1])[:MOST_COUNTED]
            others = sum(count for _, count in counts) - sum(count for _, count in largest)
            counts = [*(each for each in counts if each in largest), ("", others)]
        comma = between(locale_of(language))
        whole = joined(comma, [self._count(*count, language) for count in counts])
        footer = self._frames.get(
            ("footer", language),
            lambda: self._fragment("edition_footer", language, counts=PLACE),
        )
        return footer.filled(whole)

    def _unread(self, unread: Unread, language: str) -> Piece:
        """Which followed categories are mostly in languages that are left out."""
        return self._frames.get(
            ("unread", language, unread),
            lambda: self._fragment(
                "edition_unread",
                language,
                categories=unread.categories,
                languages=unread.languages,
            ),
        )

    def _count(self, category: str, count: int, language: str) -> Piece:
        return self._frames.get(
            ("count", language, category, count),
            lambda: self._fragment("edition_count", language, category=category, count=count),
        )


def ran_for(coverage: Coverage | None, zone: str) -> tuple[date, date, int] | None:
    """The first and the last day of a story that ran over several, and how many sources tell it."""
    if coverage is None:
        return None
    place = ZoneInfo(zone)
    first, last = (each.astimezone(place).date() for each in (coverage.first, coverage.last))
    return None if first == last else (first, last, coverage.sources)


def time_of_day(hour: int, language: str) -> str:
    """Which greeting an hour has: `morning`, `afternoon` or `evening`."""
    if hour < NIGHT_ENDS or hour >= EVENINGS.get(language, EVENING_BEGINS):
        return "evening"
    return "morning" if hour < MORNING_ENDS else "afternoon"
