"""The blocks of front pages, each laid out once for all pages that share it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeAlias

from storage.model import TAKEN_BACK, Grade, Span
from templates.edition.editions import MOST_NAMED, is_evening, time_of_day
from templates.edition.lru_cache import LruCache
from templates.edition.reading_time import reading_minutes
from templates.language.filters import capital
from templates.language.languages import WITHOUT_ITALICS
from templates.language.lists import without_list
from templates.markup.article_parts import NAME_LIMIT, headline, summary
from templates.markup.text import one_line, shorten, visible
from templates.rich import blocks

if TYPE_CHECKING:
    from collections.abc import Hashable
    from datetime import date, datetime

    from storage.model import Article, Edition, EditionStory, StoryMark, Unread
    from templates.language.filters import Filters
    from templates.rich.blocks import Block, RichText, Size

Days: TypeAlias = "tuple[tuple[date, date, int] | None, tuple[date, bool] | None]"
"""The days to give with a story: those of `story_days.ran_for`, and that of `day_of`."""

ALSO_OF_LEAD, ALSO = 3, 2
"""Maximum number of other sources that the lead, and any other story, names."""
NUMBER_GAP = "\u2002"
BETWEEN = " · "
BEHIND = "\u00a0· "
"""The dot before the last parts of a line, with a no-break space so that it begins no line."""
DASH = " —\u00a0"
"""The dash before a source, with a no-break space so that the source stays on its line."""
WITHIN = frozenset({"page_catch_up", "page_week"})
"""Greetings with the number of stories within a sentence."""
STANDFIRST = 90
"""Maximum number of UTF-16 units of a standfirst, two lines on a phone."""
LEAD_STANDFIRST = 240
SETTINGS_PAYLOAD = "settings"
"""The deep-link payload that opens the settings."""


class LanguageWords(Protocol):
    """The texts and filters of all languages (`Renderer`)."""

    def label(self, key: str, language: str, /, **values: object) -> str:
        """Return a short plain text."""

    def filters(self, language: str) -> Filters:
        """Return the filters for names, numbers and dates."""

    @property
    def bot_link(self) -> str:
        """The bot's address; empty while its user name is not known."""


@dataclass(frozen=True, slots=True)
class Figures:
    """The numbers in a page's last line."""

    sources: int = 0
    """Number of sources with something new; 0 leaves them out."""
    since: datetime | None = None
    """The time since which these sources had something new, or None."""


@dataclass(frozen=True, slots=True)
class MeasuredBlock:
    """A block as JSON strings with its size, ready to be joined with others."""

    strings: tuple[str, ...]
    size: Size
    picture: str = ""
    """The picture's address; "" for a block that is no picture."""


def measured(block: Block | None, picture: str = "") -> MeasuredBlock | None:
    """Return a block as JSON with its size, or None if nothing in it is visible."""
    if block is None:
        return None
    return MeasuredBlock((blocks.written(block),), blocks.size_of(block), picture)


class PageBlocks:
    """Lays out the blocks of front pages, and caches them for other readers."""

    def __init__(self, words: LanguageWords) -> None:
        self._words = words
        self._kept: LruCache[Hashable, MeasuredBlock | None] = LruCache(8192)

    def forget(self) -> None:
        """Empty the cache, so that everything is laid out again."""
        self._kept.clear()

    def date(self, edition: Edition, language: str, local: datetime) -> MeasuredBlock | None:
        """Return the page's masthead: its date, and how long it takes to read."""
        minutes = reading_minutes(edition, lead=LEAD_STANDFIRST, story=STANDFIRST)
        evening = is_evening(edition.span, local.hour, language)

        def date() -> MeasuredBlock | None:
            filters = self._words.filters(language)
            parts = [self._words.label("evening_edition", language)] if evening else []
            parts.append(
                self._words.label(
                    "minutes", language, num=minutes, minutes=filters.counted(minutes)
                )
            )
            day = blocks.bold(capital(filters.weekday(local, str(local.tzinfo))))
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

        named = (under[:MOST_NAMED], len(under) > MOST_NAMED)
        return self._kept.get_or_make((key, language, count, added, named), greeting)

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

    def photo(
        self, story: EditionStory, shown: dict[str, str | None], language: str
    ) -> MeasuredBlock | None:
        """Return a story's picture, or None if it is missing or on the page already."""
        address = story.article.image or ""
        file_id = shown.pop(address, None)
        if not file_id:
            return None
        source = story.article.source

        def photo() -> MeasuredBlock | None:
            named = _name(source)
            credit = self._words.label("photo_by", language, source=named) if named else ""
            return measured(blocks.photo(file_id, credit), address)

        return self._kept.get_or_make(("photo", language, address, file_id, source), photo)

    def headline(self, lead: EditionStory, others: int, language: str) -> MeasuredBlock | None:
        """Return the lead's headline and the number of other stories, which notifications show."""
        article = lead.article

        def headlined() -> MeasuredBlock | None:
            linked = _linked(article)
            more = self._words.label("and_more", language, num=others) if others else ""
            return measured(blocks.heading(2, linked, more and f"{BETWEEN}{more}"))

        key = ("headline", article.title, article.link, article.is_withdrawn, others, language)
        return self._kept.get_or_make(key, headlined)

    def biggest(self, story: EditionStory, number: int | None) -> MeasuredBlock | None:
        """Return the headline of another of a week's biggest stories."""
        article = story.article
        return self._kept.get_or_make(
            ("lead", article.title, article.link, article.is_withdrawn, number),
            lambda: measured(blocks.heading(2, _numbered(number), _linked(article))),
        )

    def standfirst(
        self,
        story: EditionStory,
        language: str,
        days: Days,
        *,
        mark: tuple[int | None, str] = (None, ""),
        short: bool = False,
    ) -> MeasuredBlock | None:
        """Return the text below a big story's headline; `short` leaves only its source.

        Args:
            story: The story.
            language: The reader's language.
            days: The days to give with it.
            mark: The lead's number and category, which come before its standfirst.
            short: Whether to leave out the standfirst.
        """
        article = story.article
        limit = 0 if short else LEAD_STANDFIRST

        def paragraph() -> MeasuredBlock | None:
            number, category = mark
            filters = self._words.filters(language)
            under = filters.section_mark(category) if category else ""
            first = blocks.bold(BETWEEN.join(filter(None, (str(number or ""), under))))
            beneath = self._beneath(story, language, days, limit, ALSO_OF_LEAD)
            gap = BETWEEN if first and beneath else ""
            return measured(blocks.paragraph(first, f"{gap}{beneath}"))

        return self._kept.get_or_make(
            (
                "standfirst",
                article.title,
                article.standfirst,
                article.source,
                article.paywall,
                story.also_in,
                language,
                days,
                mark,
                limit,
                story.update,
                story.mark,
                article.is_withdrawn,
            ),
            paragraph,
        )

    def story(
        self,
        story: EditionStory,
        language: str,
        number: int | None,
        days: Days,
        *,
        short: bool = False,
    ) -> MeasuredBlock | None:
        """Return a story below the lead; `short` leaves out its standfirst."""
        article = story.article
        limit = 0 if short else STANDFIRST

        def paragraph() -> MeasuredBlock | None:
            beneath = self._beneath(story, language, days, limit, ALSO)
            linked = _linked(article)
            words = blocks.bold(_numbered(number), linked)
            return measured(blocks.paragraph(words, f"\n{beneath}" if beneath else ""))

        key = (
            article.title,
            article.standfirst,
            article.link,
            article.source,
            article.paywall,
            story.also_in,
            language,
            number,
            days,
            limit,
            story.update,
            # Nearly always None and false.
            story.mark,
            article.is_withdrawn,
        )
        return self._kept.get_or_make(key, paragraph)

    def _beneath(
        self, story: EditionStory, language: str, days: Days, limit: int, most: int
    ) -> str:
        """Return a standfirst with its sources."""
        if story.article.is_withdrawn:
            words = self._withdrawn(story.mark, language)
        else:
            words = summary(story.article, limit) if limit else ""
        ran, day = days
        if ran is None:
            sources = self._sources(story, language, most)
            if day is not None:
                named = self._words.filters(language).story_day(day)
                sources = BEHIND.join(filter(None, (sources, named)))
        else:
            # The line gives the number of sources instead of their names.
            coverage = self._words.filters(language).coverage(ran)
            sources = BEHIND.join(filter(None, (self._outlet(story.article, language), coverage)))
        if story.update:
            sources = BETWEEN.join((self._words.label("update", language), sources))
        if story.mark is not None and story.mark.grade is Grade.FACT:
            corrected = self._corrected(story.mark, language)
            sources = BEHIND.join(filter(None, (sources, corrected)))
        return DASH.join(filter(None, (words, sources)))

    def _withdrawn(self, mark: StoryMark | None, language: str) -> str:
        """Say that a story was withdrawn, and why."""
        if mark is None or not mark.reason:
            return self._words.label("withdrawn", language)
        if mark.reason == TAKEN_BACK:
            return self._words.label("withdrawn_taken_back", language)
        return self._words.label("withdrawn_why", language, reason=one_line(mark.reason))

    def _corrected(self, mark: StoryMark, language: str) -> str:
        """Say when a story was corrected."""
        filters = self._words.filters(language)
        if mark.other_day:
            day = filters.day_and_clock(mark.at, "UTC", mark.at)
            return self._words.label("corrected_on", language, day=day)
        return self._words.label("corrected_at", language, time=filters.clock(mark.at))

    def _sources(self, story: EditionStory, language: str, most: int) -> str:
        """Return a story's source, and some other sources that report it."""
        filters = self._words.filters(language)
        also = filters.also_in(map(_name, story.also_in), most)
        clauses = (self._outlet(story.article, language), also)
        return filters.clauses(filter(None, clauses))

    def _outlet(self, article: Article, language: str) -> str:
        """Return the name of an article's source, marked if the article is behind a paywall."""
        return self._words.filters(language).marked(_name(article.source), article)

    def opening(self, category: str, count: int, language: str) -> MeasuredBlock | None:
        """Return the beginning of an unfolding block, up to the blocks in it."""

        def opening() -> MeasuredBlock | None:
            name = self._words.filters(language).category(category)
            summary = self._words.label("more_in", language, num=count, category=name)
            begun = {"type": "details", "summary": summary}
            text = f'{blocks.written(begun)[:-1]},"blocks":['
            return MeasuredBlock((text,), blocks.size_of(begun))

        return self._kept.get_or_make(("more", language, category, count), opening)

    def line(self, story: EditionStory, language: str) -> MeasuredBlock | None:
        """Return a story as one line."""
        article = story.article

        def line() -> MeasuredBlock | None:
            source = self._outlet(article, language)
            linked = _linked(article)
            return measured(blocks.paragraph(linked, f"{DASH}{source}" if source else ""))

        key = (
            *("line", article.title, article.link, article.source, article.paywall),
            *(article.is_withdrawn, language),
        )
        return self._kept.get_or_make(key, line)

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


def _linked(article: Article) -> RichText:
    """Return the headline linked to its source; struck out, without the link, if withdrawn."""
    if article.is_withdrawn:
        return blocks.struck(headline(article))
    return blocks.link(headline(article), article.link)


def time_before(words: LanguageWords, language: str, local: datetime, moment: datetime) -> str:
    """Name an earlier moment as seen from a later one: `yesterday 08:00`.

    Args:
        words: The texts of all languages.
        language: The language.
        local: The later moment, in the reader's time zone.
        moment: The earlier moment.
    """
    filters, zone = words.filters(language), str(local.tzinfo)
    days = (local.date() - moment.astimezone(local.tzinfo).date()).days
    return words.label(
        ("at_today", "at_yesterday")[days] if days in {0, 1} else "at_day",
        language,
        day=filters.weekday(moment, zone),
        clock=filters.clock(moment, zone),
    )


def _numbered(number: int | None) -> str:
    return f"{number}{NUMBER_GAP}" if number else ""


def _name(source: str) -> str:
    """Return a source's name, or "" if nothing in it is visible."""
    name = shorten(one_line(source), NAME_LIMIT)
    return name if visible(name) else ""
