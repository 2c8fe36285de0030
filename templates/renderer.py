"""The renderer: makes a message in a reader's language from a template and values."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from markupsafe import Markup

from storage.model import Layout, Subscriber
from templates import environment
from templates.edition.editions import EditionRenderer
from templates.environment import build_environment, sources
from templates.language import languages, menu
from templates.language.filters import Filters
from templates.language.labels import LABELS
from templates.language.layout_samples import SAMPLE_CONTEXT, SAMPLES, sample_edition
from templates.language.menu import COMMANDS, EDITORS_COMMANDS, OPERATORS_COMMANDS
from templates.language.page_texts import PAGE
from templates.markup.fit import fit
from templates.markup.message import Preview, RenderedMessage
from templates.markup.text import capital, one_line, tidy
from templates.rich.front_page import FrontPages
from templates.rich.language_words import time_before

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from babel.support import NullTranslations
    from jinja2 import Environment

    from storage.model import Article, Category, Correction, Edition, StoryMark

_USERNAME = re.compile(r"[A-Za-z0-9_]{4,32}")


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
    ) -> None:
        self.languages: tuple[str, ...] = languages.languages(locales)
        self._categories = categories
        self._username = username
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
        if isinstance(text, str):
            written = translations.gettext(text)
        else:
            written = translations.ngettext(text.one, text.many, int(str(values["num"])))
        return one_line(written % values) if values else written % values

    def commands(self, language: str) -> tuple[tuple[str, str], ...]:
        """Return the commands and their descriptions for Telegram's menu."""
        gettext = self._language(language).translations.gettext
        return tuple((command, gettext(text)) for command, text in COMMANDS.items())

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
    ) -> RenderedMessage:
        """Render a single story; without `now` its date has the year."""
        values: dict[str, object] = {
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
        return environment.COMPILED.compile_next(english)

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
        built = build_environment(language, translations, filters)
        return _Language(built, translations, filters)
