"""The front page: an edition laid out like a newspaper's, as one rich message.

Stories left out of a section unfold below it. A page is short enough for clients to show all of it.
Each story is laid out once and cached as JSON, so a page costs little more than looking up its
stories.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from templates.edition.lru_cache import LruCache
from templates.edition.story_days import day_of, ran_for
from templates.language.pseudo_categories import read_by_many
from templates.markup.message import RichMessage
from templates.rich import blocks
from templates.rich.blocks import MeasuredBlock, Size, measured
from templates.rich.page_blocks import Figures, PageBlocks
from templates.rich.story_blocks import StoryBlocks

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from storage.model import Edition, EditionSection, EditionStory
    from templates.rich.blocks import BlockCache
    from templates.rich.language_words import LanguageWords
    from templates.rich.story_blocks import Days

LARGEST = Size(characters=6_000, blocks=150, depth=14, media=4)
"""The largest page; clients show only the beginning of much longer ones."""
PICTURED_FROM = 3
"""Minimum number of stories of a section with a picture of its own."""
UNFOLDED = (10, 6, 3, 1)
"""Maximum number of stories of a section that unfold; smaller ones if room is short."""

_Slot = tuple[MeasuredBlock | None, Callable[[], MeasuredBlock | None] | None]
"""A block, and a function that makes a shorter one; None if it cannot be shorter."""

_LINE = measured(blocks.divider())


def pictured(edition: Edition, *, private: bool = True) -> tuple[str, ...]:
    """Return the addresses of the pictures that a page would show, the lead's first."""
    leads = edition.lead.article.picture_in(private=private) if edition.lead is not None else None
    wanted = (leads, *(_picture_of(section, private=private) for section in edition.sections))
    return tuple(dict.fromkeys(filter(None, wanted)))[: LARGEST.media]


def _picture_of(section: EditionSection, *, private: bool) -> str | None:
    if len(section.stories) < PICTURED_FROM:
        return None
    return section.stories[0].article.picture_in(private=private)


class FrontPages:
    """Lays out front pages, and caches their blocks for other readers."""

    def __init__(self, words: LanguageWords) -> None:
        self._kept: BlockCache = LruCache(8192)
        self._blocks = PageBlocks(words, self._kept)
        self._of_stories = StoryBlocks(words, self._kept)

    def forget(self) -> None:
        """Empty the cache, so that everything is laid out again."""
        self._kept.clear()

    def page(
        self,
        edition: Edition,
        *,
        language: str,
        zone: str,
        now: datetime,
        catch_up: bool = False,
        pictures: Mapping[str, str] | None = None,
        figures: Figures | None = None,
        private: bool = True,
    ) -> RichMessage | None:
        """Lay out one reader's front page.

        Args:
            pictures: Address → Telegram's file id, for the pictures that Telegram has.
            figures: The numbers in its last line.

        Returns:
            The page; None if there is no news, or more than fits in a page.
        """
        leading = edition.lead
        if leading is None:
            return None
        if not private:
            edition = read_by_many(edition)
        local = now.astimezone(ZoneInfo(zone))
        end = self._blocks.footer(language, local, figures or Figures(), settings=private)
        unread = None
        if edition.unread is not None:
            unread = self._blocks.unread(edition.unread, language)
        last = [each for each in (unread, end) if each is not None]
        sections = _in_order(edition)
        head: list[_Slot] = [
            (self._of_stories.headline(leading, len(edition.own.stories) - 1, language), None),
            (self._blocks.date(edition, language, local), None),
            (self._blocks.greeting(edition, language, local.hour, catch_up=catch_up), None),
        ]
        stories = self._stories(
            edition, sections, language, local, pictures=pictures or {}, private=private
        )
        fitted = _fitted([head, *stories], _size(last))
        if fitted is None:
            return None
        (head_, lead, *below_lead), size = fitted
        unfold = self._unfolding(sections, language, size)
        below = chain.from_iterable(zip(below_lead, unfold, strict=True))
        return _message([*chain(head_, lead, *below, last)])

    def _stories(
        self,
        edition: Edition,
        sections: Sequence[EditionSection],
        language: str,
        local: datetime,
        *,
        pictures: Mapping[str, str],
        private: bool,
    ) -> Iterator[list[_Slot]]:
        """Yield the slots of the lead with the top stories and a line, then of each section."""
        wanted = pictured(edition, private=private) if pictures else ()
        shown = {address: pictures.get(address) for address in wanted}
        # Each story has the number of the button that opens it; a single story needs none.
        count = len(edition.stories)
        own_count = len(edition.own.stories)
        numbers = iter(range(1, count + 1) if count > 1 else ())
        first: list[_Slot] = []
        if edition.lead is not None:
            first.append((self._of_stories.photo(edition.lead, shown, language), None))
            headed = any(
                section.stories and section.category == edition.lead_category
                for section in sections
            )
            mark = (next(numbers, None), "" if headed else edition.lead_category)
            beneath = partial(
                self._of_stories.standfirst, edition.lead, language, _days(edition.lead, local)
            )
            first.append((beneath(mark=mark), partial(beneath, mark=mark, short=True)))
            for story in (story for section in edition.top for story in section.stories):
                beneath = partial(self._of_stories.standfirst, story, language, _days(story, local))
                first += [
                    (self._of_stories.biggest(story, next(numbers, None)), None),
                    (beneath(), partial(beneath, short=True)),
                ]
        if any(section.stories for section in sections):
            first.append((_LINE, None))
        yield first
        placed = count - sum(len(section.stories) for section in sections)
        for section in sections:
            slots: list[_Slot] = []
            if edition.added and section.stories and placed == own_count:
                slots.append((self._blocks.added(language), None))
            placed += len(section.stories)
            if section.stories:
                slots.append((self._blocks.heading(section.category, language), None))
            if _picture_of(section, private=private):
                slots.append((self._of_stories.photo(section.stories[0], shown, language), None))
            for story in section.stories:
                arguments = (story, language, next(numbers, None), _days(story, local))
                short = partial(self._of_stories.story, *arguments, short=True)
                slots.append((self._of_stories.story(*arguments), short))
            yield slots

    def _unfolding(
        self, sections: Sequence[EditionSection], language: str, others: Size
    ) -> Sequence[Sequence[MeasuredBlock]]:
        for most in UNFOLDED:
            folded = [self._more(section, language, most) for section in sections]
            if (_size(chain.from_iterable(folded)) + others).within(LARGEST):
                return folded
        return [()] * len(sections)

    def _more(self, section: EditionSection, language: str, most: int) -> Sequence[MeasuredBlock]:
        """Return a section's left-out stories as an unfolding block; empty if there are none."""
        lines = [self._of_stories.line(story, language) for story in section.more[:most]]
        there = [line for line in lines if line is not None]
        if not there:
            return ()
        left = section.left_out - len(there)
        if left > 0:
            others = self._blocks.others(left, language)
            there += [others] if others is not None else []
        opening = self._blocks.opening(section.category, section.left_out, language)
        if opening is None:
            return ()
        strings = [*opening.strings]
        for line in there:
            strings += line.strings
            strings.append(",")
        strings[-1] = "]}"
        size = _size((opening, *there))
        inside = Size(size.characters, size.blocks, size.depth + 1, size.media)
        return (MeasuredBlock(tuple(strings), inside),)


def _days(story: EditionStory, local: datetime) -> Days:
    zone = str(local.tzinfo)
    ran = ran_for(story.coverage, zone)
    return (ran, None) if ran is not None else (None, day_of(story.article, zone, local))


def _in_order(edition: Edition) -> list[EditionSection]:
    return sorted(edition.sections, key=lambda section: not section.stories)


def _size(blocks_: Iterable[MeasuredBlock]) -> Size:
    # Unrolled for speed: called several times for every reader's page.
    characters = count = depth = media = 0
    for each in blocks_:
        size = each.size
        characters += size.characters
        count += size.blocks
        media += size.media
        depth = max(depth, size.depth)
    return Size(characters, count, depth, media)


def _fitted(
    parts: Sequence[Sequence[_Slot]], others: Size
) -> tuple[list[list[MeasuredBlock]], Size] | None:
    """Return the blocks that fit, shortened from the end, and the size of all, or None."""
    chosen = [[block for block, _ in part] for part in parts]
    # A generator, since few pages need shorter blocks.
    shorten = (
        (blocks_, place, short)
        for blocks_, part in zip(reversed(chosen), reversed(parts), strict=True)
        for place, (_, short) in reversed([*enumerate(part)])
        if short is not None
    )
    while True:
        there = [[block for block in part if block is not None] for part in chosen]
        size = _size(chain.from_iterable(there)) + others
        if size.within(LARGEST):
            return there, size
        last = next(shorten, None)
        if last is None:
            return None
        part, place, short = last
        part[place] = short()


def _message(there: Sequence[MeasuredBlock]) -> RichMessage:
    return RichMessage(
        tuple(each.strings for each in there),
        tuple((place, each.picture) for place, each in enumerate(there) if each.picture),
    )
