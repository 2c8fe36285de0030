"""The filters that templates apply to values, in one language."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial, reduce
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal
from markupsafe import Markup
from markupsafe import escape as markup_escape

from storage.model import EVERY_DAY, WEEKDAYS, WEEKEND, Kind
from templates.language import pseudo_categories
from templates.language.amounts import COUNT_CONTEXT, COUNTS, amount
from templates.language.category_names import CATEGORY_CONTEXT
from templates.language.filing_reasons import because
from templates.language.labels import LABELS
from templates.language.lists import (
    AND_MORE,
    AND_THEN,
    LIST_CONTEXT,
    commas,
    gap,
    listed,
    order,
    with_article,
)
from templates.language.page_texts import BEHIND_PAYWALL, PAGE
from templates.language.pseudo_categories import NAMES, NAMES_AMONG
from templates.language.times import (
    DATE_CONTEXT,
    DATES,
    DUE,
    DUE_CONTEXT,
    TIMES,
    TimeForm,
    clock,
    due_day,
    has_hour,
    near_day,
    time_form,
)
from templates.markup.article_parts import (
    NAME_LIMIT,
    headline,
    href,
    line,
    link,
    name,
    shortened,
    standfirst,
)
from templates.markup.text import (
    one_line,
    quiet,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import date

    from babel.support import NullTranslations

    from storage.model import Article, Category

PAGES = frozenset({Kind.SECTION, Kind.MARKET})
"""Kinds of categories that are like pages of a newspaper; their names are translated."""

_FIRST_OF_A_MONTH = {"fr": "d'er'"}
"""Language → the date pattern of a month's first day, as in “1er décembre”; CLDR has none."""


class Filters:
    """The filters of one language. They return clean text, and escaped markup."""

    def __init__(
        self,
        locale: Locale,
        translations: NullTranslations,
        categories: Mapping[str, Category],
    ) -> None:
        self._locale = locale
        self._translations = translations
        self._categories = categories
        self.gap = gap(locale)
        self._and_more = str(translations.pgettext(LIST_CONTEXT, AND_MORE))
        self._patterns = {
            key: str(translations.pgettext(DATE_CONTEXT, pattern)) for key, pattern in DATES.items()
        }
        self._of_the_first = {
            key: _first_of_a_month(pattern, locale) for key, pattern in self._patterns.items()
        }

    def all(self) -> dict[str, Callable[..., object]]:
        """Return all filters by name."""
        return {
            "also_in": self.also_in,
            "amount": partial(amount, locale=self._locale),
            "by_name": self.by_name,
            "categories": self.categories,
            "category": self.category,
            "because": because,
            "capital": capital,
            "clock": self.clock,
            "counted": self.counted,
            "commas": in_markup(self.commas),
            "clauses": in_markup(self.clauses),
            "coverage": self.coverage,
            "day": self.day,
            "the_day": self.the_day,
            "day_and_clock": self.day_and_clock,
            "days": self.days,
            "edition_days": self.edition_days,
            "example": self.example,
            "from_iso": datetime.fromisoformat,
            "language": self.language,
            "named_day": self.named_day,
            "filed": self.filed,
            "href": href,
            "headline": headline,
            "has_hour": has_hour,
            "hour": self.hour,
            "line": line,
            "link": link,
            "listed": self.listed,
            "number": self.number,
            "outlet": self.outlet,
            "moment": self.moment,
            "near": self.near,
            "name": name,
            "quiet": quiet,
            "shorten": shortened,
            "section_mark": self.section_mark,
            "standfirst": standfirst,
            "story_day": self.story_day,
            "weekday": self.weekday,
            "when": self.when,
            "day_group": self.day_group,
            "due": self.due,
        }

    def day(self, at: datetime, zone: str = "UTC", now: datetime | None = None) -> str:
        """Format a date as `24 Nov`, with the year unless it is that of `now`."""
        local = at.astimezone(ZoneInfo(zone))
        # A template without `now` passes Jinja's undefined: then name the year.
        same_year = isinstance(now, datetime) and now.astimezone(local.tzinfo).year == local.year
        pattern = self._pattern("day" if same_year else "day_of_year", local)
        return str(format_datetime(local, pattern, locale=self._locale))

    def the_day(self, at: datetime, zone: str = "UTC", now: datetime | None = None) -> str:
        """Format a date as `day` does, in Italian after its article: `il 24 nov`."""
        return with_article(self.day(at, zone, now), self._locale)

    def when(
        self,
        at: datetime,
        zone: str,
        now: datetime | None,
        *,
        under_day: bool = False,
        lasting: bool = False,
    ) -> str:
        """Say when something was published: `12 min ago`, `today 09:40`, `yesterday`, `24 Nov`.

        Args:
            at: The time of publication.
            zone: The reader's time zone.
            now: The current time; None gives a date with its year.
            under_day: Whether a heading names the day already: then `12 min ago` or `09:40`, or ""
                if the source gave no hour.
            lasting: Whether it is read again later, when minutes would be wrong.
        """
        if now is None:
            return self.day(at, zone)
        form, minutes = time_form(at, now, zone, lasting=lasting)
        clock = self.clock(at, zone) if has_hour(at) else ""
        if under_day and form not in {TimeForm.NOW, TimeForm.MINUTES}:
            return clock
        if form is TimeForm.WEEKDAY:
            local = at.astimezone(ZoneInfo(zone))
            return str(format_datetime(local, "EEEE", locale=self._locale))
        if form in {TimeForm.DAY, TimeForm.DAY_OF_YEAR}:
            return self.day(at, zone, now)
        words = TIMES["today" if form is TimeForm.TODAY and not clock else form]
        return str(self._translations.gettext(words)) % {"num": minutes, "clock": clock}

    def day_group(self, at: datetime, zone: str, now: datetime) -> str:
        """Return the heading for a day's stories: `Today`, `Yesterday`, `Monday 24 November`."""
        here = ZoneInfo(zone)
        local, today = at.astimezone(here), now.astimezone(here).date()
        ago = (today - local.date()).days
        if 0 <= ago <= 1:
            key = "yesterday" if ago else "today"
            return capital(str(self._translations.gettext(TIMES[key])))
        pattern = "weekday" if local.year == today.year else "weekday_of_year"
        written = format_datetime(local, self._pattern(pattern, local), locale=self._locale)
        return capital(str(written))

    def due(self, at: datetime, zone: str, now: datetime) -> str:
        """Say when an edition arrives: `today at 08:00`, `on Tuesday 24 November`."""
        words = self._translations.pgettext(DUE_CONTEXT, DUE[due_day(at, now, zone)])
        return str(words) % {"day": self.weekday(at, zone), "clock": self.clock(at, zone)}

    def days(self, first: date, last: date) -> str:
        """Format days as `Mon–Wed`, or as `12–20 Nov` if a week or more apart."""  # noqa: RUF002
        if last - first < timedelta(days=7):
            patterns = ["EEE", "EEE"]
        elif (first.year, first.month) == (last.year, last.month):
            between = self._patterns["from_to"] % {"first": "", "last": ""}
            patterns = self._patterns["days_of_a_month"].split(between)
        else:
            patterns = [self._patterns["day"]] * 2
        ends = [
            str(format_date(each, self._of_day(pattern, each), self._locale))
            for pattern, each in zip(patterns, (first, last), strict=True)
        ]
        return self._patterns["from_to"] % {"first": ends[0], "last": ends[1]}

    def story_day(self, day: tuple[date, bool]) -> str:
        """Name an old story's day (`story_days.day_of`): `Sunday`, or `24 Nov` if a week old."""
        at, within_a_week = day
        pattern = "EEEE" if within_a_week else self._pattern("day", at)
        return str(format_date(at, pattern, locale=self._locale))

    def weekday(self, at: datetime, zone: str = "UTC") -> str:
        """Format a moment as `Tuesday 24 November`."""
        local = at.astimezone(ZoneInfo(zone))
        return str(format_datetime(local, self._pattern("weekday", local), locale=self._locale))

    def named_day(self, day: date) -> str:
        """Format a date as `Tuesday 24 November`."""
        return str(format_date(day, self._pattern("weekday", day), locale=self._locale))

    def _pattern(self, key: str, day: date) -> str:
        """Return the pattern for a date; the first of a month may have its own."""
        return (self._of_the_first if day.day == 1 else self._patterns)[key]

    def _of_day(self, pattern: str, day: date) -> str:
        """Return a pattern for a day; the first of a month may have a pattern of its own."""
        return _first_of_a_month(pattern, self._locale) if day.day == 1 else pattern

    def language(self, code: str) -> str:
        """Return a language's name, such as `Italian`, or its code if it is unknown."""
        try:
            return Locale.parse(code.replace("-", "_")).get_display_name(self._locale) or code
        except (ValueError, UnknownLocaleError):
            return code

    def moment(self, at: datetime, zone: str, now: datetime) -> str:
        """Format a moment as `Tue 24 Nov, 08:00`, with the year unless it is that of `now`."""
        local = at.astimezone(ZoneInfo(zone))
        same_year = now.astimezone(local.tzinfo).year == local.year
        pattern = self._patterns["moment" if same_year else "moment_of_year"]
        return str(format_datetime(local, pattern, locale=self._locale))

    def near(self, at: datetime, zone: str, now: datetime) -> str:
        """Format a moment as `today 08:00` if its day is near, and otherwise as `moment` does."""
        words = TIMES.get(near_day(at, now, zone))
        if words is None:
            return self.moment(at, zone, now)
        return str(self._translations.gettext(words)) % {"clock": self.clock(at, zone)}

    def day_and_clock(self, at: datetime, zone: str, now: datetime | None) -> str:
        """Format a moment as `24 Nov, 08:00`, with the year unless it is that of `now`."""
        day, clock = self.day(at, zone, now), self.clock(at, zone)
        return self._patterns["day_and_clock"] % {"day": day, "clock": clock}

    def clock(self, at: datetime, zone: str = "UTC") -> str:
        """Format a time of day as `08:05`."""
        local = at.astimezone(ZoneInfo(zone))
        return clock(local.hour, local.minute, self._patterns["clock"], self._locale)

    def hour(self, minute: int) -> str:
        """Format minutes after midnight as `clock` does: `08:05`, in French `8 h 05`."""
        return clock(minute // 60 % 24, minute % 60, self._patterns["clock"], self._locale)

    def edition_days(self, bits: int) -> str:
        """Name weekdays: `Every day`, `Monday to Friday` or `Monday and Tuesday`.

        Args:
            bits: A bit mask of weekdays; bit 0 is Monday.
        """
        named = {EVERY_DAY: "every_day", WEEKDAYS: "weekdays", WEEKEND: "weekend"}.get(bits)
        if named is not None:
            return str(self._translations.gettext(str(LABELS[named])))
        names = self._locale.days["stand-alone"]["wide"]
        return capital(self.listed(str(names[day]) for day in range(7) if bits >> day & 1))

    def number(self, value: float) -> str:
        """Format a number as `6,500`, with the language's grouping of digits."""
        return str(format_decimal(value, locale=self._locale))

    def counted(self, number: int) -> str:
        """Return a number of stories in words up to twelve, such as `nine`, and then in digits."""
        if 1 <= number <= len(COUNTS):
            return str(self._translations.pgettext(COUNT_CONTEXT, COUNTS[number - 1]))
        return self.number(number)

    def commas(self, names: Iterable[str]) -> str:
        """Join names as `Style, Motor, China`, without an “and”, if more text follows."""
        return commas(names, self._locale)

    def clauses(self, texts: Iterable[str]) -> str:
        """Join clauses as `Vogue, also in Elle`, leaving out empty ones."""
        pattern = str(self._translations.gettext(AND_THEN))
        there = iter([each for each in texts if each])
        return reduce(
            lambda first, then: pattern % {"first": first, "then": then}, there, next(there, "")
        )

    def listed(self, names: Iterable[str]) -> str:
        """Join names as `Style, Motor and China`."""
        return listed(tuple(names), self._locale)

    def by_name(self, slugs: Iterable[str]) -> tuple[str, ...]:
        """Return the categories sorted by the names that a reader sees."""
        return tuple(sorted(slugs, key=lambda slug: order(self.category(slug), self._locale)))

    def example(self, slug: str) -> str:
        """Return a category's name as a reader would type it, in lower case."""
        return self.category(slug).lower()

    def categories(self, slugs: Sequence[str], most: int) -> str:
        """List the names of at most `most` categories: `Style, Motor, China and more`."""
        names = [
            str(self._translations.pgettext(pseudo_categories.CONTEXT, NAMES_AMONG[slug]))
            if slug in NAMES_AMONG
            else self.category(slug)
            for slug in slugs[:most]
        ]
        if len(slugs) > most:
            names.append(self._and_more)
        return self.listed(names)

    def category(self, slug: str) -> str:
        """Return a category's name; for an unknown category, its slug in readable form."""
        if slug in NAMES:
            return str(self._translations.pgettext(pseudo_categories.CONTEXT, NAMES[slug]))
        category = self._categories.get(slug)
        if category is None:
            return one_line(slug.replace("-", " ")).title()
        if category.kind not in PAGES:
            return category.name
        return str(self._translations.pgettext(CATEGORY_CONTEXT, category.name))

    def section_mark(self, slug: str) -> str:
        """Return a category's name as the mark above the lead, stronger than a bold heading.

        It is in capitals; a script without capitals has marks around it instead.
        """
        named = self.category(slug)
        return named.upper() if named.upper() != named.lower() else f"【{named}】"

    def outlet(self, article: Article, limit: int = NAME_LIMIT) -> str:
        """Return the name of an article's source, marked if the article is behind a paywall."""
        return self.marked(line(article.source, limit), article)

    def marked(self, source: str, article: Article) -> str:
        """Return a source's name, with a mark after it if the article is behind a paywall."""
        if not (article.paywall and source):
            return source
        return str(self._translations.gettext(BEHIND_PAYWALL)) % {"source": source}

    def also_in(self, names: Iterable[str], most: int = 3) -> str:
        """Name the other sources of a story, as `also in Elle and Vogue`; "" where there are none.

        Args:
            names: The sources' names; empty ones are left out.
            most: Names at most; further sources are counted.
        """
        there = [each for each in names if each]
        if len(there) <= most:
            return self._said("also_in", sources=self.listed(there)) if there else ""
        more = len(there) - most
        return self._said("also_in_more", sources=self.commas(there[:most]), num=more)

    def coverage(self, ran: tuple[date, date, int]) -> str:
        """Name the days over which a story ran, and its number of sources."""
        first, last, sources = ran
        return self._said("ran", days=self.days(first, last), num=sources)

    def _said(self, key: str, **values: object) -> str:
        text = PAGE[key]
        if isinstance(text, str):
            return str(self._translations.gettext(text)) % values
        num = int(str(values["num"]))
        return str(self._translations.ngettext(text.one, text.many, num)) % values

    def filed(self, article: Article, under: str = "") -> tuple[str, ...]:
        """Return the slugs of an article's categories in the order in which a message names them.

        The article's main section or market comes first, as on a page of a newspaper, then the
        others in their order. In the list of a section or market, `under`, that one comes first.
        """
        slugs = article.categories
        pages = [slug for slug in slugs if self._is_page(slug)]
        if not pages:
            return slugs
        first = under if under in pages else pages[0]
        return (first, *(slug for slug in slugs if slug != first))

    def _is_page(self, slug: str) -> bool:
        category = self._categories.get(slug)
        return category is not None and category.kind in PAGES


def _first_of_a_month(pattern: str, locale: Locale) -> str:
    """Return a date pattern that writes the day as the language writes the first of a month."""
    first = _FIRST_OF_A_MONTH.get(locale.language, "d")
    return " ".join(first if part == "d" else part for part in pattern.split(" "))


def in_markup(join: Callable[[Iterable[str]], str]) -> Callable[[Iterable[str]], Markup]:
    """Make a joining function accept text mixed with markup, escaping the text."""
    return lambda texts: Markup(join([str(markup_escape(each)) for each in texts]))  # noqa: S704


_OPENING = "¿¡«“(\u202f"
"""Marks before the first letter of a sentence."""


def capital(text: str) -> str:
    """Return text with a capital first letter, also after marks that open it, such as `¿`."""
    at = len(text) - len(text.lstrip(_OPENING))
    return text[:at] + text[at : at + 1].upper() + text[at + 1 :]
