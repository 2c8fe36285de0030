"""The text of an edition: the lead's headline, a dated masthead, the lead, then the sections."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol
from zoneinfo import ZoneInfo

from storage.model import Layout, Span
from templates.edition.lru_cache import LruCache
from templates.edition.reading_time import reading_minutes
from templates.edition.story_days import day_of, ran_for
from templates.language.languages import locale_of
from templates.language.lists import between, named, without_list
from templates.language.pseudo_categories import read_by_many
from templates.markup.article_parts import preview_of
from templates.markup.fit import ENTITIES, RAW_BYTES, UNITS, fit
from templates.markup.message import RenderedMessage
from templates.markup.telegram_html import escape, parse
from templates.markup.text import units

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Sequence
    from datetime import datetime

    from storage.model import Edition, EditionStory, Unread

MORNING_ENDS = 12
EVENING_BEGINS = 18
EVENINGS = {"es": 20}
"""Language → the hour at which it begins to say “good evening”, if not `EVENING_BEGINS`."""
NIGHT_ENDS = 4
STORIES = 12_288
"""Maximum number of rendered stories cached for other readers, by place."""
FRAMES = 4096
"""Pieces around stories that are kept: mastheads, headings, footers."""
MOST_NAMED = 3
"""Maximum number of categories that a greeting names."""
MOST_COUNTED = 5
"""Maximum number of categories for which left-out stories are counted separately."""
GAP = "\n\n"
LINE = "\n"
PLACE = "\ue000"
"""A private-use character that marks where a shared piece takes another one."""


class Fragment(Protocol):
    """Renders a template as HTML (`Renderer.fragment`)."""

    def __call__(self, template: str, language: str, /, **values: object) -> str:
        """Render one template."""


class Names(Protocol):
    """Lists the names of at most `most` categories (`Renderer.categories`)."""

    def __call__(self, slugs: Sequence[str], language: str, *, most: int) -> str:
        """Return the names as a list in a language."""


class EditionRenderer:
    """Assembles editions, and caches what it rendered for other readers."""

    def __init__(self, fragment: Fragment, names: Names) -> None:
        self._fragment = fragment
        self._names = names
        self._stories: LruCache[Hashable, Piece] = LruCache(STORIES)
        self._frames: LruCache[Hashable, Piece] = LruCache(FRAMES)

    def forget(self) -> None:
        """Empty the caches, so that everything is rendered again."""
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
        parts: int = 0,
    ) -> RenderedMessage:
        """Render one reader's edition.

        Args:
            now: The edition's own time.
            since: The time since which it covers the news, in words; "" not to mention it.
            parts: The number of parts that it must have if it can; 0 for as few as possible.
        """
        if not private:
            edition = read_by_many(edition)
        count, lead = len(edition.stories), edition.lead
        own = edition.own
        own_count = count if own is edition else len(own.stories)
        masthead = self._masthead(
            own,
            own_count,
            language,
            zone,
            now,
            catch_up=catch_up,
            since=since,
            minutes=reading_minutes(edition)
            if layout is Layout.SUMMARIES
            else reading_minutes(edition, lead=0, story=0),
        )
        blocks = [("", self._headlined(masthead, lead, own_count - 1, language))]
        # Each story has the number of the button that opens it; a single story needs none.
        numbers = iter(range(1, count + 1) if count > 1 else ())
        # In a list of headlines, the lead and its section look like the others.
        if layout is Layout.HEADLINES:
            gap, head, template, under_headline = LINE, "section", "edition_story", "edition_story"
        else:
            # The lead's headline is above the masthead already.
            gap, head, template = GAP, "kicker", "edition_lead"
            under_headline = "edition_under_headline"
        look = (language, layout, zone, now)
        first = () if lead is None else ((under_headline, edition.lead_category, lead),)
        biggest = (
            (template, each.category, story) for each in edition.top for story in each.stories
        )
        under = ""
        for drawn, category, each in (*first, *biggest):
            number = next(numbers, None)
            if category == under:
                blocks.append((gap, self._story(drawn, each, look, number)))
            else:
                headed = self._story(drawn, each, look, number, head, category)
                blocks.append((GAP, headed))
            under = category
        for section in edition.sections:
            category = section.category
            goes_on = bool(under) and category == under
            for each in section.stories:
                number = next(numbers, None)
                if edition.added and own_count and number == own_count + 1:
                    blocks.append((GAP, self._added(language)))
                    goes_on = False
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
        pieces = packed(blocks, parts)
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
        minutes: int,
    ) -> Piece:
        local = now.astimezone(ZoneInfo(zone))
        time = time_of_day(local.hour, language)
        evening = is_evening(edition.span, local.hour, language)
        under = edition.categories
        masthead = self._frame(
            (
                "masthead",
                bool(under),
                evening,
                language,
                local.date(),
                time,
                count,
                edition.span,
                edition.added,
                edition.still,
                catch_up,
                since,
                minutes,
            ),
            lambda: without_list(
                self._fragment(
                    "edition_masthead",
                    language,
                    now=now,
                    zone=zone,
                    time_of_day=time,
                    evening=evening,
                    count=count,
                    span=edition.span,
                    added=edition.added,
                    still=edition.still,
                    catch_up=catch_up,
                    since=since,
                    minutes=minutes,
                    names=PLACE if under else "",
                )
            ),
        )
        # A story has no category if its category was removed from the taxonomy.
        if not (count and under):
            return masthead
        # Hardly two readers have the same sections, so only the names are rendered for each.
        kept = named(under, MOST_NAMED)
        of_these = (kept, len(under) > len(kept))
        names = self._frames.get_or_make(
            ("names", language, *of_these),
            lambda: words(self._names(under, language, most=MOST_NAMED)),
        )
        return masthead.filled(names)

    def _story(  # noqa: PLR0917 - all that changes its look
        self,
        template: str,
        story: EditionStory,
        look: tuple[str, Layout, str, datetime],
        number: int | str | None,
        head: str = "",
        category: str = "",
    ) -> Piece:
        """Render a story after its number (`PLACE` to fill it in) and below a category's name."""
        article = story.article
        language, layout, zone, now = look
        ran = None if story.coverage is None else ran_for(story.coverage, zone)
        day = None if ran is not None else day_of(article, zone, now)
        key = (
            article.id,
            article.title,
            article.standfirst,
            story.also_in,
            article.link,
            article.source,
            article.paywall,
            article.language,
            article.categories[:1],
            language,
            layout,
            template,
            number,
            ran,
            day,
            story.update,
            # Nearly always None and false.
            story.mark,
            article.is_withdrawn,
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
            # Render once for all numbers. No text of a source comes before the number, so the
            # first `PLACE` is the number's.
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
            day=day,
            update=story.update,
            mark=story.mark,
        )
        return self._stories.put(key, piece(written))

    def _headlined(
        self, masthead: Piece, lead: EditionStory | None, others: int, language: str
    ) -> Piece:
        """Return the masthead below the lead's headline, which notifications show."""
        if lead is None:
            return masthead
        article = lead.article
        key = ("headline", article.title, article.link, article.is_withdrawn, others, language)
        above = self._stories.get(key)
        if above is None:
            written = self._fragment("edition_headline", language, article=article, others=others)
            above = self._stories.put(key, piece(written))
        return above.bound(LINE, masthead)

    def _added(self, language: str) -> Piece:
        return self._frame(("added", language), lambda: self._fragment("edition_added", language))

    def _frame(self, key: Hashable, render: Callable[[], str]) -> Piece:
        return self._frames.get_or_make(key, lambda: piece(render()))

    def _heading(self, kind: str, language: str, category: str) -> Piece:
        return self._frame(
            (kind, language, category),
            lambda: self._fragment(f"edition_{kind}", language, category=category),
        )

    def _below(self, edition: Edition, language: str) -> list[tuple[str, Piece]]:
        """Return the pieces below the stories, each after the gap that comes before it."""
        footer = self._footer(edition, language)
        blocks = [] if footer is None else [(GAP, footer)]
        if edition.unread is not None:
            blocks.append((GAP, self._unread(edition.unread, language)))
        return blocks

    def _footer(self, edition: Edition, language: str) -> Piece | None:
        """Return the counts of left-out stories by category, or None if nothing was left out."""
        counts = [(each.category, each.left_out) for each in edition.sections if each.left_out]
        if not counts:
            return None
        if len(counts) > MOST_COUNTED + 1:
            largest = sorted(counts, key=lambda each: -each[1])[:MOST_COUNTED]
            others = sum(count for _, count in counts) - sum(count for _, count in largest)
            counts = [*(each for each in counts if each in largest), ("", others)]
        comma = between(locale_of(language))
        whole = _joined(comma, [self._count(*count, language) for count in counts])
        footer = self._frame(
            ("footer", language),
            lambda: self._fragment("edition_footer", language, counts=PLACE),
        )
        return footer.filled(whole)

    def _unread(self, unread: Unread, language: str) -> Piece:
        return self._frame(
            ("unread", language, unread),
            lambda: self._fragment(
                "edition_unread",
                language,
                categories=unread.categories,
                languages=unread.languages,
            ),
        )

    def _count(self, category: str, count: int, language: str) -> Piece:
        return self._frame(
            ("count", language, category, count),
            lambda: self._fragment("edition_count", language, category=category, count=count),
        )


def is_evening(span: Span, hour: int, language: str) -> bool:
    """Return whether an edition is an evening edition: one of a day, and not of the night."""
    return span is Span.DAY and time_of_day(hour, language) == "evening"


def time_of_day(hour: int, language: str) -> str:
    """Return the greeting for an hour: `morning`, `afternoon`, `evening`, or none: `night`."""
    if hour < NIGHT_ENDS:
        return "night"
    if hour >= EVENINGS.get(language, EVENING_BEGINS):
        return "evening"
    return "morning" if hour < MORNING_ENDS else "afternoon"


class Piece(NamedTuple):
    """A part of a message that is never split, with its share of Telegram's limits.

    A tuple, since a dataclass takes three times as long to make.
    """

    html: str
    units: int
    entities: int
    raw_bytes: int
    strings: tuple[str, ...] = ()
    """The strings that it was joined from; empty if it was rendered as a whole."""

    def bound(self, gap: str, below: Piece) -> Piece:
        """Return one piece of this one, a gap and another one, which a split keeps together."""
        return Piece(
            f"{self.html}{gap}{below.html}",
            self.units + len(gap) + below.units,
            self.entities + below.entities,
            self.raw_bytes + len(gap.encode()) + below.raw_bytes,
            (*(self.strings or (self.html,)), gap, *(below.strings or (below.html,))),
        )

    def filled(self, inner: Piece) -> Piece:
        """Return this piece with `PLACE` replaced by another piece."""
        before, _, after = self.html.partition(PLACE)
        return Piece(
            f"{before}{inner.html}{after}",
            self.units - 1 + inner.units,
            self.entities + inner.entities,
            self.raw_bytes - len(PLACE.encode()) + inner.raw_bytes,
            (before, *(inner.strings or (inner.html,)), after),
        )


def piece(html: str) -> Piece:
    """Return HTML as a piece, measured after rewriting it as Telegram takes it."""
    marked = parse(html.strip())
    written = marked.html()
    return Piece(written, units(marked.text), len(marked.spans), len(written.encode()))


def _joined(gap: str, pieces: Sequence[Piece]) -> Piece:
    """Join several pieces into one, with the same gap between them."""
    between = len(pieces) - 1
    length, entities, raw_bytes = between * units(gap), 0, between * len(gap.encode())
    strings: list[str] = []
    for each in pieces:
        if strings:
            strings.append(gap)
        strings.append(each.html)
        length += each.units
        entities += each.entities
        raw_bytes += each.raw_bytes
    return Piece("".join(strings), length, entities, raw_bytes, tuple(strings))


def words(text: str) -> Piece:
    """Return plain text as a piece."""
    written = escape(text)
    return Piece(written, units(text), 0, len(written.encode()))


def packed(blocks: Iterable[tuple[str, Piece]], least: int = 0) -> tuple[tuple[str, ...], ...]:
    """Pack pieces into as few parts as Telegram's limits allow, as tuples of strings.

    Each piece comes with the gap before it, which is omitted at the start of a part. A piece too
    large for any part is split on its own. The same piece gives the same strings in every message.
    A message that was sent in `least` parts is edited into as many, if there are enough pieces.
    """
    if least > 1:
        blocks = [*blocks]
        few = packed(blocks)
        missing = min(least - len(few), len(blocks) - 1)
        if missing <= 0:
            return few
        # The last pieces become parts of their own.
        return (*packed(blocks[:-missing]), *(packed([each])[0] for each in blocks[-missing:]))
    parts: list[tuple[str, ...]] = []
    current: list[str] = []
    length = entities = raw = 0
    for gap, (html, own_length, own_entities, own_raw, strings) in blocks:
        if not html:
            continue
        if current:
            between = len(gap)
            length += between + own_length
            entities += own_entities
            raw += between + own_raw
            if length <= UNITS and entities <= ENTITIES and raw <= RAW_BYTES:
                current.append(gap)
                current += strings or (html,)
                continue
            parts.append(tuple(current))
            current = []
        if own_length > UNITS or own_entities > ENTITIES or own_raw > RAW_BYTES:
            parts.extend((part,) for part in fit(html))
            continue
        current += strings or (html,)
        length, entities, raw = own_length, own_entities, own_raw
    if current:
        parts.append(tuple(current))
    return tuple(parts)
