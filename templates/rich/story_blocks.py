"""The blocks of a front page's stories, each laid out once for all pages that share it."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from storage.model import TAKEN_BACK, Grade
from templates.markup.article_parts import NAME_LIMIT, headline, summary
from templates.markup.text import one_line, shorten, visible
from templates.rich import blocks
from templates.rich.blocks import BETWEEN, measured

if TYPE_CHECKING:
    from datetime import date

    from storage.model import Article, EditionStory, StoryMark
    from templates.rich.blocks import BlockCache, MeasuredBlock, RichText
    from templates.rich.language_words import LanguageWords

Days: TypeAlias = "tuple[tuple[date, date, int] | None, tuple[date, bool] | None]"
"""The days to give with a story: those of `story_days.ran_for`, and that of `day_of`."""

ALSO_OF_LEAD, ALSO = 3, 2
"""Maximum number of other sources that the lead, and any other story, names."""
NUMBER_GAP = "\u2002"
BEHIND = "\u00a0· "
"""The dot before the last parts of a line, with a no-break space so that it begins no line."""
DASH = " —\u00a0"
"""The dash before a source, with a no-break space so that the source stays on its line."""
STANDFIRST = 90
"""Maximum number of UTF-16 units of a standfirst, two lines on a phone."""
LEAD_STANDFIRST = 240


class StoryBlocks:
    """Makes the blocks of a front page's stories, from the lead with its picture to a line each."""

    def __init__(self, words: LanguageWords, kept: BlockCache) -> None:
        self._words = words
        self._kept = kept

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
            more = self._words.label("and_others", language, num=others) if others else ""
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
        """Return the text below a big story's headline, after `mark`; `short`: only its source."""
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
                article.language,
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
            article.language,
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

    def line(self, story: EditionStory, language: str) -> MeasuredBlock | None:
        """Return a story as one line."""
        article = story.article

        def line() -> MeasuredBlock | None:
            source = self._outlet(article, language)
            linked = _linked(article)
            return measured(blocks.paragraph(linked, f"{DASH}{source}" if source else ""))

        key = (
            *("line", article.title, article.link, article.source, article.paywall),
            *(article.is_withdrawn, article.language, language),
        )
        return self._kept.get_or_make(key, line)

    def _beneath(
        self, story: EditionStory, language: str, days: Days, limit: int, most: int
    ) -> str:
        if story.article.is_withdrawn:
            words = self._withdrawn(story.mark, language)
        else:
            words = summary(story.article, limit) if limit else ""
        ran, day = days
        if ran is None:
            sources = self._sources(story, language, most)
            if day is not None:
                named = self._words.filters(language).dates.story_day(day)
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
        if mark is None or not mark.reason:
            return self._words.label("withdrawn", language)
        if mark.reason == TAKEN_BACK:
            return self._words.label("withdrawn_taken_back", language)
        reason = self._words.filters(language).reason(one_line(mark.reason))
        return self._words.label("withdrawn_why", language, reason=reason)

    def _corrected(self, mark: StoryMark, language: str) -> str:
        filters = self._words.filters(language)
        if mark.other_day:
            day = filters.dates.day_and_clock(mark.at, "UTC", mark.at)
            return self._words.label("corrected_on", language, day=day)
        return self._words.label("corrected_at", language, time=filters.dates.clock(mark.at))

    def _sources(self, story: EditionStory, language: str, most: int) -> str:
        filters = self._words.filters(language)
        also = filters.also_in(map(_name, story.also_in), most)
        clauses = (self._outlet(story.article, language), also)
        return filters.clauses(filter(None, clauses))

    def _outlet(self, article: Article, language: str) -> str:
        return self._words.filters(language).marked(_name(article.source), article)


def _linked(article: Article) -> RichText:
    """Return the headline linked to its source; struck out, without the link, if withdrawn."""
    if article.is_withdrawn:
        return blocks.struck(headline(article))
    return blocks.link(headline(article), article.link)


def _numbered(number: int | None) -> str:
    return f"{number}{NUMBER_GAP}" if number else ""


def _name(source: str) -> str:
    name = shorten(one_line(source), NAME_LIMIT)
    return name if visible(name) else ""
