"""The renderer: a template and values in, a message in a reader's language out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from jinja2 import BytecodeCache, Environment, FunctionLoader, StrictUndefined, pass_context
from markupsafe import Markup

from storage.model import Article, Edition, EditionSection, EditionStory, Layout
from templates.edition.editions import EditionRenderer
from templates.edition.pieces import macro_keeper
from templates.language import labels, languages
from templates.language.filters import Filters, preview_of
from templates.language.labels import COMMANDS, LABELS, PAGE
from templates.markup.fit import fit
from templates.markup.message import Preview, RenderedMessage
from templates.markup.text import clean, one_line, tidy
from templates.rich.front_page import FrontPages
from templates.rich.page_blocks import time_before

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime
    from types import CodeType

    from babel.support import NullTranslations
    from jinja2.bccache import Bucket
    from jinja2.runtime import Context

    from storage.model import Category

FOLDER = Path(__file__).parent
"""Where the templates are: `messages/` and `pages/`."""
_USERNAME = re.compile(r"[A-Za-z0-9_]{4,32}")


class _CompiledTemplates(BytecodeCache):
    """Templates that some language has compiled: their code is the same in all of them."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], CodeType] = {}
        self.ahead: set[str] = set()
        """The names of those that were not waited for."""

    def load_bytecode(self, bucket: Bucket) -> None:
        """Take the code of this very source, if it is known."""
        bucket.code = self._known.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep the code for other languages, and other renderers."""
        assert bucket.code is not None  # noqa: S101 - Jinja compiles before it asks to keep
        self._known[bucket.key, bucket.checksum] = bucket.code


_COMPILED = _CompiledTemplates()


@cache
def _sources() -> Mapping[str, tuple[str, str, None]]:
    """Every template's text, by its file's name, as Jinja takes it: the folder does not count.

    All are read at once: an upgrade may replace the files while this process still runs, and a
    newer template asks for values that this program does not give.
    """
    return {file.name: (file.read_text("utf-8"), str(file), None) for file in FOLDER.rglob("*.j2")}


@dataclass(frozen=True, slots=True)
class _Language:
    """One language, ready to be written in."""

    environment: Environment
    translations: NullTranslations
    filters: Filters


class Renderer:
    """How every message looks.

    Templates are read at once, and compiled when first needed; so are languages read.
    """

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
        self._load = FunctionLoader(_sources().get)
        self._tongues: dict[str, _Language] = {}
        self._editions = EditionRenderer(self.fragment, self.categories)
        self.front_pages = FrontPages(self)

    @property
    def username(self) -> str:
        """The bot's name on Telegram, by which messages lead back to it; empty until known."""
        return self._username

    @username.setter
    def username(self, username: str) -> None:
        self._username = username
        self._editions.forget()
        self.front_pages.forget()

    @property
    def bot_link(self) -> str:
        """The bot's address; empty while its name is not known."""
        return f"https://t.me/{self._username}" if _USERNAME.fullmatch(self._username) else ""

    def match(self, language_code: str | None, default: str) -> str:
        """The language that serves a reader whose Telegram speaks `language_code`."""
        return languages.serving(language_code, self.languages, default)

    def message(self, template: str, language: str, /, **values: object) -> RenderedMessage:
        """Render `<template>.html.j2`; a template sets `preview` to show a picture or a page.

        Raises:
            jinja2.TemplateError: there is no such template, or a value that it needs is missing.
        """
        html, shown = self._render(template, language, values)
        return RenderedMessage(fit(html), shown)

    def fragment(self, template: str, language: str, /, **values: object) -> str:
        """Render a template as HTML that is still to be fitted."""
        return self._render(template, language, values)[0]

    def label(self, key: str, language: str, /, **values: object) -> str:
        """A short plain text: a button, an answer to a tap, a title in a list.

        Raises:
            KeyError: `labels.py` has no such key, or the text wants a value that is missing.
        """
        text = PAGE[key] if key in PAGE else LABELS[key]
        translations = self._tongue(language).translations
        if isinstance(text, str):
            written = translations.gettext(text)
        else:
            written = translations.ngettext(text.one, text.many, int(str(values["num"])))
        return one_line(written % values)

    def commands(self, language: str) -> tuple[tuple[str, str], ...]:
        """Commands and what they do, for Telegram's menu."""
        gettext = self._tongue(language).translations.gettext
        return tuple((command, gettext(text)) for command, text in COMMANDS.items())

    def description(self, language: str) -> str:
        """What stands in an empty chat with the bot."""
        return self._tongue(language).translations.gettext(labels.DESCRIPTION)

    def short_description(self, language: str) -> str:
        """What stands in the bot's profile."""
        return self._tongue(language).translations.gettext(labels.SHORT_DESCRIPTION)

    def category(self, slug: str, language: str) -> str:
        """A category's name; sections and markets are translated, houses stay as they are."""
        return self._tongue(language).filters.category(slug)

    def by_name(self, slugs: Iterable[str], language: str) -> tuple[str, ...]:
        """The same categories, in the order of their names in a language."""
        return self._tongue(language).filters.by_name(slugs)

    def categories(self, slugs: Sequence[str], language: str, *, most: int) -> str:
        """The names of so many categories at most, as a list."""
        return self._tongue(language).filters.categories(slugs, most)

    def moment(self, at: datetime, language: str, *, zone: str, now: datetime) -> str:
        """A day and its hour in few letters, as on a button."""
        return self._tongue(language).filters.moment(at, zone, now)

    def filed(self, article: Article, language: str) -> tuple[str, ...]:
        """The names of an article's categories, its section or market first."""
        filters = self._tongue(language).filters
        return tuple(filters.category(slug) for slug in filters.filed(article))

    def outlet(self, article: Article, language: str) -> str:
        """The name of an article's source, with a mark where it takes a subscription there."""
        return self._tongue(language).filters.outlet(article)

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
    ) -> RenderedMessage:
        """One edition, its stories whole; an edition without stories is a line that says so.

        Args:
            edition: Which stories.
            language: The reader's.
            layout: How much of each.
            zone: The reader's.
            now: The edition's own time.
            catch_up: Whether it stands for editions that could not be sent.
            private: Whether it is for a private chat, where more pictures may be shown.
            since: Since when it tells what is new, where it is to say so.
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
        )

    def filters(self, language: str) -> Filters:
        """How names, numbers and dates are written in a language."""
        return self._tongue(language).filters

    def sample(self, layout: Layout, *, language: str, zone: str, now: datetime) -> Markup:
        """How an edition looks in a layout, short enough to be quoted in a message: HTML."""
        lead, *others = (
            EditionStory(_sample_of(category, title, standfirst, source, now))
            for (category, _, _, source), (title, standfirst) in zip(
                labels.SAMPLES, self.sample_stories(language), strict=True
            )
        )
        under = others[0].article.categories[0]
        edition = Edition(
            lead,
            (EditionSection(under, tuple(others), left_out=2),),
            lead_category=lead.article.categories[0],
        )
        if layout is Layout.FRONT_PAGE:
            html = self.fragment("layout_page", language, edition=edition, zone=zone, now=now)
        else:
            html = self.edition(
                edition, language=language, layout=layout, zone=zone, now=now
            ).parts[0]
        return Markup(html)  # noqa: S704 - a template made it

    def sample_stories(self, language: str) -> tuple[tuple[str, str], ...]:
        """The headlines and standfirsts of `labels.SAMPLES` in a language."""
        translated = self._tongue(language).translations.pgettext
        return tuple(
            (
                str(translated(labels.SAMPLE_CONTEXT, title)),
                str(translated(labels.SAMPLE_CONTEXT, standfirst)),
            )
            for _, title, standfirst, _ in labels.SAMPLES
        )

    def alert(
        self,
        article: Article,
        *,
        language: str,
        section: str | None = None,
        words: Sequence[str] = (),
        private: bool = True,
    ) -> RenderedMessage:
        """An article that is sent at once.

        Args:
            article: The article.
            language: The reader's.
            section: The category for which it is sent, or `YOUR_WORDS`; None where none is known.
            words: The followed words for which it is sent, which it names instead.
            private: Whether to a private chat.
        """
        values = {"section": section, "words": tuple(words), "private": private}
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
    ) -> RenderedMessage:
        """A story by itself; without `now` its date names the year."""
        values = {"also_in": tuple(also_in), "zone": zone, "now": now, "private": private}
        return self.message("card", language, article=article, **values)

    def compile_next(self) -> bool:
        """Compile a template ahead, once in a process; False if there is none left.

        The first who asks for a list would wait 70 ms for it, and everybody else meanwhile.
        """
        left = _sources().keys() - _COMPILED.ahead
        if not left:
            return False
        name = min(left)
        _COMPILED.ahead.add(name)
        self._tongue(languages.SOURCE_LANGUAGE).environment.get_template(name)
        return True

    def _render(
        self, template: str, language: str, values: Mapping[str, object]
    ) -> tuple[str, Preview | None]:
        environment = self._tongue(language).environment
        module = environment.get_template(f"{template}.html.j2").make_module(
            {
                "bot_link": self.bot_link,
                "bot_username": self._username,
                "managed": False,
                **values,
            }
        )
        shown = getattr(module, "preview", None)
        return tidy(str(module)), shown if isinstance(shown, Preview) else None

    def _tongue(self, language: str) -> _Language:
        if language not in self.languages:
            language = languages.SOURCE_LANGUAGE
        tongue = self._tongues.get(language)
        if tongue is None:
            tongue = self._tongues[language] = self._learn(language)
        return tongue

    def _learn(self, language: str) -> _Language:
        translations = languages.translations(language, self._locales)
        filters = Filters(languages.locale_of(language), translations, self._categories)
        environment = Environment(
            loader=self._load,
            bytecode_cache=_COMPILED,
            extensions=["jinja2.ext.i18n"],
            autoescape=True,
            auto_reload=False,
            trim_blocks=True,
            lstrip_blocks=True,
            undefined=StrictUndefined,
            finalize=_finalize,
        )
        environment.install_gettext_translations(translations, newstyle=True)  # type: ignore[attr-defined]
        environment.policies["ext.i18n.trimmed"] = True
        environment.filters.update({name: _later(each) for name, each in filters.all().items()})
        environment.globals.update(
            preview_of=preview_of, language=language, gap=filters.gap, kept=macro_keeper()
        )
        return _Language(environment, translations, filters)


def _sample_of(category: str, title: str, standfirst: str, source: str, now: datetime) -> Article:
    """An article that is nowhere but in a sample."""
    return Article(
        id=0,
        story_id=0,
        source_id=0,
        source=source,
        source_weight=0,
        link="",
        title=title,
        standfirst=standfirst,
        image=None,
        author=None,
        language=None,
        published=now,
        first_seen=now,
        categories=(category,),
        backlog=False,
        has_body=False,
    )


def _later(written: Callable[..., object]) -> Callable[..., object]:
    """The same filter, which Jinja asks when a template is rendered and never compiles away."""

    @pass_context
    def asked(_context: Context, /, *values: object, **named: object) -> object:
        return written(*values, **named)

    return asked


def _finalize(value: object) -> object:
    """Clean every value that a template writes, whoever wrote it."""
    cleaned = clean(value) if isinstance(value, str) else value
    if cleaned is value or not isinstance(value, Markup):
        return cleaned
    return Markup(cleaned)  # noqa: S704 - it was escaped when it became Markup
