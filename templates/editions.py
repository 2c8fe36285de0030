"""The edition: a dated masthead, the lead with its picture, stories under their categories."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol
from zoneinfo import ZoneInfo

from storage.model import Layout
from templates.filters import preview
from templates.message import Message
from templates.pieces import GAP, LINE, Piece, Pieces, packed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime

    from storage.model import Coverage, Edition, EditionSection, EditionStory

MORNING_ENDS = 12
EVENING_BEGINS = 18
NIGHT_ENDS = 4
BETWEEN = " · "
SLANTED = ("<i>", "</i>")


class Fragment(Protocol):
    """Renders a template as HTML (`Renderer.fragment`)."""

    def __call__(self, template: str, language: str, /, **values: object) -> str:
        """Render one template."""


class Press:
    """Puts editions together; what it rendered once it keeps for the next reader."""

    def __init__(self, fragment: Fragment) -> None:
        self._fragment = fragment
        self._stories = Pieces()
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
    ) -> Message:
        """One reader's edition."""
        blocks = [("", self._masthead(edition, language, zone, now, catch_up=catch_up))]
        lead = edition.lead
        # Each story bears the number of the button below that opens it; a single one needs none.
        numbers = iter(range(1, len(edition.stories) + 1) if len(edition.stories) > 1 else ())
        biggest = [story for section in edition.top for story in section.stories]
        for each in biggest if lead is None else (lead, *biggest):
            number = next(numbers, None)
            blocks.append((GAP, self._story("edition_lead", each, language, layout, number, zone)))
        for section in edition.sections:
            blocks.extend(self._section(section, language, layout, numbers, zone))
        footer = self._footer(edition, language)
        if footer is not None:
            blocks.append((GAP, footer))
        shown = None
        if lead is not None:
            shown = preview(lead.article.image) or preview(lead.article.link)
        pieces = packed(blocks)
        return Message(tuple("".join(part) for part in pieces), shown, pieces)

    def _masthead(
        self, edition: Edition, language: str, zone: str, now: datetime, *, catch_up: bool
    ) -> Piece:
        local = now.astimezone(ZoneInfo(zone))
        count, time = len(edition.stories), time_of_day(local.hour)
        return self._frames.get(
            ("masthead", language, local.date(), time, count, edition.span, catch_up),
            lambda: self._fragment(
                "edition_masthead",
                language,
                now=now,
                zone=zone,
                time_of_day=time,
                count=count,
                span=edition.span,
                catch_up=catch_up,
            ),
        )

    def _section(
        self,
        section: EditionSection,
        language: str,
        layout: Layout,
        numbers: Iterator[int],
        zone: str,
    ) -> Iterator[tuple[str, Piece]]:
        gap = LINE if layout is Layout.HEADLINES else GAP
        for place, story in enumerate(section.stories):
            made = self._story("edition_story", story, language, layout, next(numbers, None), zone)
            if place:
                yield gap, made
            else:
                # One piece with its first story: a heading never ends a part.
                yield GAP, self._heading(section.category, language).bound(LINE, made)

    def _heading(self, category: str, language: str) -> Piece:
        return self._frames.get(
            ("section", language, category),
            lambda: self._fragment("edition_section", language, category=category),
        )

    def _story(  # noqa: PLR0917 - all that a story looks like
        self,
        template: str,
        story: EditionStory,
        language: str,
        layout: Layout,
        number: int | None,
        zone: str,
    ) -> Piece:
        article = story.article
        ran = ran_for(story.coverage, zone)
        key = (
            article.id,
            article.title,
            article.standfirst,
            story.also_in,
            article.link,
            article.source,
            article.categories[:1],
            language,
            layout,
            template,
            number,
            ran,
        )
        return self._stories.get(
            key,
            lambda: self._fragment(
                template,
                language,
                article=article,
                also_in=story.also_in,
                standfirsts=layout is Layout.SUMMARIES,
                number=number,
                ran=ran,
            ),
        )

    def _footer(self, edition: Edition, language: str) -> Piece | None:
        """How many more there are of each category: pieces, since hardly two readers' are alike."""
        said = [
            self._more(section.category, section.left_out, language)
            for section in edition.sections
            if section.left_out
        ]
        if not said:
            return None
        whole = said[0]
        for more in said[1:]:
            whole = whole.bound(BETWEEN, more)
        # One entity for all of them: a hundred are the most that a message may have.
        return whole.within(*SLANTED)

    def _more(self, category: str, count: int, language: str) -> Piece:
        return self._frames.get(
            ("footer", language, category, count),
            lambda: self._fragment("edition_footer", language, category=category, count=count),
        )


def ran_for(coverage: Coverage | None, zone: str) -> tuple[date, date, int] | None:
    """The first and the last day of a story that ran over several, and how many sources tell it."""
    if coverage is None:
        return None
    place = ZoneInfo(zone)
    first, last = (each.astimezone(place).date() for each in (coverage.first, coverage.last))
    return None if first == last else (first, last, coverage.sources)


def time_of_day(hour: int) -> str:
    """Which greeting an hour has: `morning`, `afternoon` or `evening`."""
    if hour < NIGHT_ENDS or hour >= EVENING_BEGINS:
        return "evening"
    return "morning" if hour < MORNING_ENDS else "afternoon"
