"""The blocks around the stories of front pages, laid out once for all pages that share one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from storage.model import Span
from templates.edition.editions import MOST_NAMED, is_evening, time_of_day
from templates.edition.reading_time import reading_minutes
from templates.language.languages import WITHOUT_ITALICS
from templates.language.lists import named, without_list
from templates.markup.text import capital
from templates.rich import blocks
from templates.rich.blocks import BETWEEN, MeasuredBlock, measured
from templates.rich.language_words import time_before
from templates.rich.story_blocks import LEAD_STANDFIRST, STANDFIRST

if TYPE_CHECKING:
    from datetime import datetime

    from storage.model import Edition, Unread
    from templates.rich.blocks import BlockCache, RichText
    from templates.rich.language_words import LanguageWords

WITHIN = frozenset({"page_catch_up", "page_week"})
"""Greetings with the number of stories within a sentence."""
SETTINGS_PAYLOAD = "settings"
"""The deep-link payload that opens the settings."""


@dataclass(frozen=True, slots=True)
class Figures:
    """The numbers in a page's last line."""

    sources: int = 0
    """Number of sources with something new; 0 leaves them out."""
    since: datetime | None = None
    """The time since which these sources had something new, or None."""


class PageBlocks:
    """Lays out the blocks of front pages other than stories."""

    def __init__(self, words: LanguageWords, kept: BlockCache) -> None:
        self._words = words
        self._kept = kept

    def date(self, edition: Edition, language: str, local: datetime) -> MeasuredBlock | None:
        """Return the page's masthead: its date, and how long it takes to read."""
        minutes = reading_minutes(edition, lead=LEAD_STANDFIRST, story=STANDFIRST)
        evening = is_evening(edition.span, local.hour, language)

        def date() -> MeasuredBlock | None:
            filters = self._words.filters(language)
            parts = [self._words.label("evening_edition", language)] if evening else []
            counted = filters.counted(minutes)
            takes = self._words.label("minutes", language, num=minutes, minutes=counted)
            # The number stays in one line with its noun.
            parts.append(takes.replace(" ", "\u00a0").replace("-", "\u2011"))
            day = blocks.bold(capital(filters.dates.weekday(local, str(local.tzinfo))))
            return measured(blocks.paragraph(day, *(f"{BETWEEN}{part}" for part in parts)))

        return self._kept.get_or_make(("date", language, local.date(), minutes, evening), date)

    def greeting(
        self, edition: Edition, language: str, hour: int, *, catch_up: bool
    ) -> MeasuredBlock | None:
        """Return the greeting with the number of stories and their categories."""
        own = edition.own
        if own.still:
            key = "page_all_still"
        elif catch_up:
            key = "page_catch_up"
        elif edition.span is Span.WEEK:
            key = "page_week"
        else:
            key = f"page_{time_of_day(hour, language)}"
        count, added, under = len(own.stories), own.added, own.categories

        def greeting() -> MeasuredBlock | None:
            filters = self._words.filters(language)
            stories = filters.counted(count)
            text = self._words.label(
                key,
                language,
                num=count,
                stories=stories if key in WITHIN else capital(stories),
                # A story has no category if its category was removed from the taxonomy.
                names=filters.categories(under, MOST_NAMED),
            )
            text = without_list(text)
            if added:
                text = f"{text} {self._words.label('page_all_added', language)}"
            return measured(blocks.paragraph(text))

        kept = named(under, MOST_NAMED)
        of_these = (kept, len(under) > len(kept))
        return self._kept.get_or_make((key, language, count, added, of_these), greeting)

    def added(self, language: str) -> MeasuredBlock | None:
        """Return the line above the stories from subjects that the reader did not choose."""
        slanted = blocks.run if language in WITHOUT_ITALICS else blocks.italic
        return self._kept.get_or_make(
            ("added", language),
            lambda: measured(
                blocks.paragraph(slanted(self._words.label("page_some_added", language)))
            ),
        )

    def heading(self, category: str, language: str) -> MeasuredBlock | None:
        """Return a section's heading."""
        return self._kept.get_or_make(
            ("section", language, category),
            lambda: measured(blocks.heading(3, self._words.filters(language).category(category))),
        )

    def opening(self, category: str, count: int, language: str) -> MeasuredBlock | None:
        """Return the beginning of an unfolding block, up to the blocks in it."""

        def opening() -> MeasuredBlock | None:
            name = self._words.filters(language).category(category)
            summary = self._words.label("more_in", language, num=count, category=name)
            begun = {"type": "details", "summary": summary}
            text = f'{blocks.written(begun)[:-1]},"blocks":['
            return MeasuredBlock((text,), blocks.size_of(begun))

        return self._kept.get_or_make(("more", language, category, count), opening)

    def others(self, count: int, language: str) -> MeasuredBlock | None:
        """Return a line with the number of stories that do not even unfold."""
        return self._kept.get_or_make(
            ("others", language, count),
            lambda: measured(
                blocks.paragraph(self._words.label("and_others", language, num=count))
            ),
        )

    def unread(self, unread: Unread, language: str) -> MeasuredBlock | None:
        """Return the note on followed categories mostly in languages that the reader leaves out."""

        def line() -> MeasuredBlock | None:
            filters = self._words.filters(language)
            return measured(
                blocks.footer(
                    self._words.label(
                        "unread",
                        language,
                        names=filters.categories(unread.categories, MOST_NAMED),
                        languages=filters.listed(map(filters.language, unread.languages)),
                    )
                )
            )

        return self._kept.get_or_make(("unread", language, unread), line)

    def footer(
        self, language: str, local: datetime, figures: Figures, *, settings: bool
    ) -> MeasuredBlock | None:
        """Return the number of sources, a link to the settings, and last the bot's name."""
        since = figures.since.astimezone(local.tzinfo) if figures.since else None
        link = self._words.bot_link
        address = f"{link}?start={SETTINGS_PAYLOAD}" if link else ""

        def footer() -> MeasuredBlock | None:
            chosen = self._chosen_from(language, local, figures.sources, since)
            parts: list[RichText] = [chosen] if chosen else []
            if settings and address:
                asked = self._words.label("not_wanted", language)
                gap = self._words.filters(language).gap
                parts += (
                    f"{chosen and BETWEEN}{asked if chosen else capital(asked)}{gap}",
                    blocks.link(self._words.label("settings", language), address),
                )
            if link:
                name = blocks.link(f"@{link.rpartition('/')[2]}", link)
                parts += ("\n", name) if parts else (name,)
            return measured(blocks.footer(*parts))

        key = ("footer", language, figures.sources, since, local.date(), settings, address)
        return self._kept.get_or_make(key, footer)

    def _chosen_from(
        self, language: str, local: datetime, sources: int, since: datetime | None
    ) -> str:
        if not sources:
            return ""
        if since is None:
            return self._words.label("chosen_from", language, num=sources)
        when = time_before(self._words, language, local, since)
        return self._words.label("sources_since", language, num=sources, when=when)
