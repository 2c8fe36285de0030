"""The filters that templates apply to values, in one language; those of dates are in `dates`."""

from __future__ import annotations

from functools import partial, reduce
from typing import TYPE_CHECKING

from babel import Locale, UnknownLocaleError
from babel.numbers import format_decimal
from markupsafe import Markup
from markupsafe import escape as markup_escape

from storage.model import Kind, TranslatedArticle
from templates.language import pseudo_categories
from templates.language.amounts import COUNT_CONTEXT, COUNTS, amount
from templates.language.category_names import CATEGORY_CONTEXT
from templates.language.dates import Dates
from templates.language.filing_reasons import because
from templates.language.labels import STORED_REASONS
from templates.language.languages import primary
from templates.language.lists import (
    AND_MORE,
    AND_THEN,
    LIST_CONTEXT,
    commas,
    gap,
    listed,
    named,
    order,
)
from templates.language.page_texts import MARKED, PAGE, PAYWALL, TRANSLATED
from templates.language.pseudo_categories import NAMES, NAMES_AMONG
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
from templates.markup.text import capital, one_line, quiet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import date

    from babel.support import NullTranslations

    from storage.model import Article, Category

PAGES = frozenset({Kind.SECTION, Kind.MARKET})
"""Kinds of categories that are like pages of a newspaper; their names are translated."""
_LEAST_GROUPED = {"es": 10_000}
"""Language → the least number whose digits it groups, if that is not 1,000."""


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
        self.dates = Dates(locale, translations)
        """How the language writes dates and times."""

    def all(self) -> dict[str, Callable[..., object]]:
        """Return all filters by name."""
        return self.dates.filters() | {
            "also_in": self.also_in,
            "amount": partial(amount, locale=self._locale),
            "by_name": self.by_name,
            "categories": self.categories,
            "category": self.category,
            "because": because,
            "capital": capital,
            "counted": self.counted,
            "commas": in_markup(self.commas),
            "clauses": in_markup(self.clauses),
            "coverage": self.coverage,
            "example": self.example,
            "language": self.language,
            "filed": self.filed,
            "href": href,
            "headline": headline,
            "line": line,
            "link": link,
            "listed": self.listed,
            "number": self.number,
            "outlet": self.outlet,
            "marks": self.marks,
            "name": name,
            "quiet": quiet,
            "reason": self.reason,
            "shorten": shortened,
            "section_mark": self.section_mark,
            "standfirst": standfirst,
        }

    def reason(self, text: str) -> str:
        """Return why a story was withdrawn: a standard reason translated, others as they are."""
        return str(self._translations.gettext(text)) if text in STORED_REASONS else text

    def language(self, code: str) -> str:
        """Return a language's name, such as `Italian`, or its code if it is unknown."""
        try:
            return Locale.parse(code.replace("-", "_")).get_display_name(self._locale) or code
        except (ValueError, UnknownLocaleError):
            return code

    def number(self, value: float) -> str:
        """Format a number as `6,500`, with the language's grouping of digits."""
        # Formatting by Babel is slow, and it groups four digits even where a language does not.
        if isinstance(value, int) and 0 <= value < _LEAST_GROUPED.get(self._locale.language, 1000):
            return str(value)
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
        """List the names of the categories that `named` keeps: `Style, Motor, China and more`."""
        kept = named(slugs, most)
        names = [
            str(self._translations.pgettext(pseudo_categories.CONTEXT, NAMES_AMONG[slug]))
            if slug in NAMES_AMONG
            else self.category(slug)
            for slug in kept
        ]
        if len(slugs) > len(kept):
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
        """Return a category's name as the mark above the lead: in capitals, or in marks without."""
        named = self.category(slug)
        return named.upper() if named.upper() != named.lower() else f"【{named}】"

    def outlet(self, article: Article, limit: int = NAME_LIMIT) -> str:
        """Return the name of an article's source, with its `marks`."""
        return self.marked(line(article.source, limit), article)

    def marked(self, source: str, article: Article) -> str:
        """Return a source's name, with the article's `marks` after it."""
        marks = self.marks(article) if source else ""
        if not marks:
            return source
        return str(self._translations.gettext(MARKED)) % {"source": source, "marks": marks}

    def marks(self, article: Article) -> str:
        """Return an article's language if it is not the reader's, and whether it has a paywall."""
        marks, code = [], article.language
        if code is not None and primary(code) != self._locale.language:
            named = self.language(code)
            if isinstance(article, TranslatedArticle):
                named = str(self._translations.gettext(TRANSLATED)) % {"language": named}
            marks.append(named)
        if article.paywall:
            marks.append(str(self._translations.gettext(PAYWALL)))
        return self.commas(marks)

    def also_in(self, names: Iterable[str], most: int = 3) -> str:
        """Name up to `most` sources: `also in Elle and Vogue`; count the rest. "" for none."""
        there = [each for each in names if each]
        if len(there) <= most:
            return self._said("also_in", sources=self.listed(there)) if there else ""
        more = len(there) - most
        return self._said("also_in_more", sources=self.commas(there[:most]), num=more)

    def coverage(self, ran: tuple[date, date, int]) -> str:
        """Name the days over which a story ran, and its number of sources."""
        first, last, sources = ran
        return self._said("ran", days=self.dates.days(first, last), num=sources)

    def _said(self, key: str, **values: object) -> str:
        text = PAGE[key]
        if isinstance(text, str):
            return str(self._translations.gettext(text)) % values
        num = int(str(values["num"]))
        return str(self._translations.ngettext(text.one, text.many, num)) % values

    def filed(self, article: Article, under: str = "") -> tuple[str, ...]:
        """Return an article's categories as a message names them: `under` or its main one first.

        A house never comes first; if it is `under`, it comes second.
        """
        slugs = article.categories
        pages = [slug for slug in slugs if self._is_page(slug)]
        if not pages:
            return slugs
        first = [under] if under in pages else [pages[0], under] if under in slugs else pages[:1]
        return (*first, *(slug for slug in slugs if slug not in first))

    def _is_page(self, slug: str) -> bool:
        category = self._categories.get(slug)
        return category is not None and category.kind in PAGES


def in_markup(join: Callable[[Iterable[str]], str]) -> Callable[[Iterable[str]], Markup]:
    """Make a joining function accept text mixed with markup, escaping the text."""
    return lambda texts: Markup(join([str(markup_escape(each)) for each in texts]))  # noqa: S704
