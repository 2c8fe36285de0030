"""The renderer: makes a message in a reader's language from a template and values."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from jinja2 import BytecodeCache, Environment, FunctionLoader, StrictUndefined, pass_context
from markupsafe import Markup

from storage.beside_bytecode import BesideBytecode
from storage.model import Layout, Subscriber
from templates.edition.editions import EditionRenderer
from templates.language import languages, menu
from templates.language.filters import Filters
from templates.language.labels import LABELS
from templates.language.layout_samples import SAMPLE_CONTEXT, SAMPLES, sample_edition
from templates.language.menu import COMMANDS, EDITORS_COMMANDS, OPERATORS_COMMANDS, PAGES_COMMANDS
from templates.language.page_texts import PAGE
from templates.markup.article_parts import preview_of
from templates.markup.fit import fit
from templates.markup.message import Preview, RenderedMessage
from templates.markup.text import capital, clean, one_line, tidy
from templates.rich.front_page import FrontPages
from templates.rich.language_words import time_before

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping, Sequence
    from datetime import date, datetime
    from types import CodeType

    from babel.support import NullTranslations
    from jinja2.bccache import Bucket
    from jinja2.runtime import Context, Macro

    from storage.model import Article, Category, Correction, Edition, StoryMark

_USERNAME = re.compile(r"[A-Za-z0-9_]{4,32}")
FOLDER = Path(__file__).parent
"""The folder of the templates: `messages/` and `pages/`."""
MACROS = 512
"""Outputs of a language's macros that are kept."""


@dataclass(frozen=True, slots=True)
class _Language:
    environment: Environment
    translations: NullTranslations
    filters: Filters


class Renderer:
    """Renders every message. Templates are compiled, and catalogues read, when first needed."""

    def __init__(
        self,
        categories: Mapping[str, Category],
        *,
        username: str = "",
        locales: Path = languages.LOCALES,
        pages: bool = False,
    ) -> None:
        self.languages: tuple[str, ...] = languages.languages(locales)
        self._categories = categories
        self._username = username
        self._commands = COMMANDS | (PAGES_COMMANDS if pages else {})
        self._locales = locales
        # Read now, before an upgrade can replace the files.
        sources()
        self._known_languages: dict[str, _Language] = {}
        self._editions = EditionRenderer(self.fragment, self.categories)
        self.front_pages = FrontPages(self)

    @property
    def username(self) -> str:
        """The bot's user name on Telegram, for links back to it; empty until known."""
        return self._username

    @username.setter
    def username(self, username: str) -> None:
        self._username = username
        self._editions.forget()
        self.front_pages.forget()

    @property
    def bot_link(self) -> str:
        """The bot's address; empty while its user name is not known."""
        return f"https://t.me/{self._username}" if _USERNAME.fullmatch(self._username) else ""

    def match(self, language_code: str | None, default: str) -> str:
        """Return the language for a reader with Telegram set to `language_code`."""
        return languages.serving(language_code, self.languages, default)

    def message(self, template: str, language: str, /, **values: object) -> RenderedMessage:
        """Render `<template>.html.j2`; a template sets `preview` to show a picture or a page.

        With `subscriber` it also gets `own`: whether that is private, so that it says "your".

        Raises:
            jinja2.TemplateError: The template is missing, or a value that it needs.
        """
        html, shown = self._render(template, language, values)
        return RenderedMessage(fit(html), shown)

    def fragment(self, template: str, language: str, /, **values: object) -> str:
        """Render a template as HTML that is not yet split to Telegram's limits."""
        return self._render(template, language, values)[0]

    def label(self, key: str, language: str, /, **values: object) -> str:
        """Return a short plain text by its key; KeyError without the key or a value."""
        text = PAGE[key] if key in PAGE else LABELS[key]
        translations = self._language(language).translations
        number = values.get("num")
        if isinstance(number, int):
            values["num"] = self.filters(language).number(number)
        if isinstance(text, str):
            written = translations.gettext(text)
        else:
            assert isinstance(number, int)  # noqa: S101 - a plural is of a number
            written = translations.ngettext(text.one, text.many, number)
        return one_line(written % values) if values else written % values

    def commands(self, language: str) -> tuple[tuple[str, str], ...]:
        """Return the commands and their descriptions for Telegram's menu."""
        gettext = self._language(language).translations.gettext
        return tuple((command, gettext(text)) for command, text in self._commands.items())

    def desk_commands(self, language: str, *, operator: bool) -> tuple[tuple[str, str], ...]:
        """Return the further commands in an editor's or operator's menu, with descriptions."""
        gettext = self._language(language).translations.gettext
        texts = EDITORS_COMMANDS | (OPERATORS_COMMANDS if operator else {})
        return tuple((command, gettext(text)) for command, text in texts.items())

    def description(self, language: str) -> str:
        """Return the text that Telegram shows in an empty chat with the bot."""
        return self._language(language).translations.gettext(menu.DESCRIPTION)

    def short_description(self, language: str) -> str:
        """Return the text that Telegram shows in the bot's profile."""
        return self._language(language).translations.gettext(menu.SHORT_DESCRIPTION)

    def category(self, slug: str, language: str) -> str:
        """Return a category's name; sections and markets are translated, houses are not."""
        return self._language(language).filters.category(slug)

    def categories(self, slugs: Sequence[str], language: str, *, most: int) -> str:
        """List the names of at most `most` categories."""
        return self._language(language).filters.categories(slugs, most)

    def near(self, at: datetime, language: str, *, zone: str, now: datetime) -> str:
        """Format a moment for a button: `Tomorrow 08:00`, or its date if its day is not near."""
        return capital(self._language(language).filters.dates.near(at, zone, now))

    def span(self, first: date, last: date, language: str, now: date) -> str:
        """Format days ahead for a button: `12–17 Apr`."""  # noqa: RUF002
        return self._language(language).filters.dates.span(first, last, now)

    def filed(self, article: Article, language: str) -> tuple[str, ...]:
        """Return the names of an article's categories, its section or market first."""
        filters = self._language(language).filters
        return tuple(filters.category(slug) for slug in filters.filed(article))

    def edition(
        self,
        edition: Edition,
        *,
        language: str,
        layout: Layout,
        zone: str,
        now: datetime,
        catch_up: bool = False,
        private: bool = True,
        since: datetime | None = None,
        parts: int = 0,
    ) -> RenderedMessage:
        """Render one edition; an edition without stories is a line that says so.

        No story is split between two parts.

        Args:
            now: The edition's own time.
            since: The time since which it covers the news; None not to mention it.
            parts: The number of parts that it must have if it can; 0 for as few as possible.
        """
        when = ""
        if since is not None:
            when = time_before(self, language, now.astimezone(ZoneInfo(zone)), since)
        return self._editions.edition(
            edition,
            language=language,
            layout=layout,
            zone=zone,
            now=now,
            catch_up=catch_up,
            private=private,
            since=when,
            parts=parts,
        )

    def filters(self, language: str) -> Filters:
        """Return the filters for names, numbers and dates in a language."""
        return self._language(language).filters

    def sample(
        self,
        layout: Layout,
        *,
        language: str,
        zone: str,
        now: datetime,
        edition: Edition | None = None,
    ) -> Markup:
        """Return an edition, by default a made-up one, as HTML to be quoted in a message."""
        edition = edition or sample_edition(self.sample_stories(language), now)
        if layout is Layout.FRONT_PAGE:
            html = self.fragment("layout_page", language, edition=edition, zone=zone, now=now)
        else:
            html = self.edition(
                edition, language=language, layout=layout, zone=zone, now=now
            ).parts[0]
        return Markup(html)  # noqa: S704 - rendered by a template

    def sample_stories(self, language: str) -> tuple[tuple[str, str], ...]:
        """Return the headlines and standfirsts of `layout_samples.SAMPLES` in a language."""
        translated = self._language(language).translations.pgettext
        return tuple(
            (
                str(translated(SAMPLE_CONTEXT, title)),
                str(translated(SAMPLE_CONTEXT, standfirst)),
            )
            for _, title, standfirst, _ in SAMPLES
        )

    def alert(
        self,
        article: Article,
        *,
        language: str,
        section: str | None = None,
        words: Sequence[str] = (),
        private: bool = True,
        mark: StoryMark | None = None,
    ) -> RenderedMessage:
        """Render an alert, which names followed words, or else the section that caused it."""
        values = {"section": section, "words": tuple(words), "private": private, "mark": mark}
        return self.message("alert", language, article=article, **values)

    def card(
        self,
        article: Article,
        *,
        language: str,
        also_in: Sequence[str] = (),
        zone: str = "UTC",
        now: datetime | None = None,
        private: bool = True,
        corrected: Correction | None = None,
        reason: str = "",
        under: str = "",
    ) -> RenderedMessage:
        """Render a single story; without `now` its date has the year.

        `under` is the category in which its reader gets it; it is among those that are named.
        """
        values: dict[str, object] = {
            "under": under,
            "also_in": tuple(also_in),
            "zone": zone,
            "now": now,
            "private": private,
            "corrected": corrected,
            "reason": reason,
        }
        return self.message("card", language, article=article, **values)

    def compile_next(self) -> bool:
        """Compile the next template ahead, once in a process; return False if none is left.

        Otherwise the first reader who asks for a list would wait 70 ms for it, and all others too.
        """
        english = self._language(languages.SOURCE_LANGUAGE).environment
        return COMPILED.compile_next(english)

    def _render(
        self, template: str, language: str, values: Mapping[str, object]
    ) -> tuple[str, Preview | None]:
        known = self._language(language)
        subscriber = values.get("subscriber")
        if isinstance(subscriber, Subscriber):
            values = {"own": subscriber.private, **values}
        module = known.environment.get_template(f"{template}.html.j2").make_module(
            {
                "bot_link": self.bot_link,
                "bot_username": self._username,
                "managed": False,
                **values,
            }
        )
        shown = getattr(module, "preview", None)
        html = tidy(str(module))
        if language in languages.WITHOUT_ITALICS:
            # No `<i>` is foreign text: that is escaped.
            html = html.replace("<i>", "").replace("</i>", "")
        return html, shown if isinstance(shown, Preview) else None

    def _language(self, language: str) -> _Language:
        if language not in self.languages:
            language = languages.SOURCE_LANGUAGE
        known = self._known_languages.get(language)
        if known is None:
            known = self._known_languages[language] = self._load_language(language)
        return known

    def _load_language(self, language: str) -> _Language:
        translations = languages.translations(language, self._locales)
        filters = Filters(languages.locale_of(language), translations, self._categories)
        built = _build_environment(language, translations, filters)
        return _Language(built, translations, filters)


@cache
def sources() -> Mapping[str, tuple[str, str, None]]:
    """Return every template's source by file name; all at once, as an upgrade may replace some."""
    return {file.name: (file.read_text("utf-8"), str(file), None) for file in FOLDER.rglob("*.j2")}


class CompiledTemplates(BytecodeCache):
    """The compiled code of templates, shared by all languages and kept for the next start.

    Compiling takes 0.3 s and 4 MiB. The code is stored beside the bytecode of this module, where
    Python may write that, and used as long as the templates, this module and Jinja stay as they
    are.
    """

    def __init__(self, stored: BesideBytecode) -> None:
        self._stored = stored
        self._ahead: set[str] = set()
        """The names of the templates compiled ahead."""
        self._codes: dict[tuple[str, str], CodeType] = {}
        """The code by the template's key and its checksum, as Jinja computes them."""
        self._is_new = False
        """Whether some code is not stored yet."""

    @cached_property
    def _origin(self) -> bytes:
        return Path(__file__).read_bytes() + version("jinja2").encode()

    @cached_property
    def _earlier(self) -> dict[tuple[str, str], CodeType]:
        return self._stored.load(self._origin) or {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Set the code of this source, if it is known."""
        key = (bucket.key, bucket.checksum)
        if key not in self._codes and key in self._earlier:
            self._codes[key] = self._earlier[key]
        bucket.code = self._codes.get(key)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep the code for other languages and other renderers."""
        assert bucket.code is not None  # noqa: S101 - Jinja compiles before it stores
        self._codes[bucket.key, bucket.checksum] = bucket.code
        self._is_new = True

    def compile_next(self, environment: Environment) -> bool:
        """Compile the next template ahead; store all if none is left, and return False."""
        if left := sources().keys() - self._ahead:
            name = min(left)
            self._ahead.add(name)
            environment.get_template(name)
            return True
        if self._is_new:
            self._is_new = False
            self._stored.store(self._origin, self._codes)
        return False


COMPILED = CompiledTemplates(BesideBytecode(__file__, "templates"))
"""The compiled templates of this process."""


def _build_environment(
    language: str, translations: NullTranslations, filters: Filters
) -> Environment:
    """Return Jinja's environment for a language."""
    environment = Environment(
        loader=FunctionLoader(sources().get),
        bytecode_cache=COMPILED,
        extensions=["jinja2.ext.i18n"],
        autoescape=True,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        finalize=_finalize,
    )
    environment.install_gettext_translations(translations, newstyle=True)  # type: ignore[attr-defined]
    for name in ("gettext", "ngettext", "pgettext", "npgettext"):
        translate = environment.globals[name]
        assert callable(translate)  # noqa: S101 - installed in the line above
        environment.globals[name] = _grouping(translate, filters)
    environment.policies["ext.i18n.trimmed"] = True
    environment.filters.update({name: _later(each) for name, each in filters.all().items()})
    environment.globals.update(
        preview_of=preview_of, language=language, gap=filters.gap, kept=lru_cache(MACROS)(_written)
    )
    return environment


def _grouping(translate: Callable[..., str], filters: Filters) -> Callable[..., str]:
    """Wrap a function of `trans` so that a text has its number with the digits grouped."""

    @pass_context
    def translated(context: Context, /, *texts: str | int, **values: object) -> str:
        # The number by which a plural form is chosen comes last.
        number = values.get("num", texts[-1])
        if isinstance(number, int):
            values["num"] = filters.number(number)
        return translate(context, *texts, **values)

    return translated


def _later(written: Callable[..., object]) -> Callable[..., object]:
    """Wrap a filter so that Jinja calls it at rendering time, never while compiling."""

    @pass_context
    def asked(_context: Context, /, *values: object, **named: object) -> object:
        return written(*values, **named)

    return asked


def _written(macro: Macro, *values: Hashable) -> str:
    """Return what a macro writes. It is kept, so it may depend only on the values passed.

    Format a time before passing it, since readers are in many zones.
    """
    return macro(*values)


def _finalize(value: object) -> object:
    cleaned = clean(value) if isinstance(value, str) else value
    if cleaned is value or not isinstance(value, Markup):
        return cleaned
    return Markup(cleaned)  # noqa: S704 - Markup is escaped already
