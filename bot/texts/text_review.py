"""The page that shows every text of the bot in all languages side by side, for review."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from babel import Locale
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from bot.samples import Sample
from bot.texts import sample_export
from bot.texts.sample_values import SAMPLE_VALUES
from digest.editions.edition_pages import PagedEdition
from storage.model import YOUR_WORDS
from templates.language.amounts import COUNTS
from templates.language.category_names import MARKETS, SECTIONS
from templates.language.labels import LABELS, Plural
from templates.language.languages import SOURCE_LANGUAGE
from templates.language.page_texts import PAGE
from templates.language.pseudo_categories import FOLLOWED_HERE, NAMES
from templates.markup.text import capital
from templates.rich.page_blocks import WITHIN

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from templates import Renderer

NOW = datetime(2026, 11, 24, 7, 5, tzinfo=UTC)
ZONE = "Europe/Rome"
COUNTED = (1, 2, 5)
"""Numbers with which plural forms are shown."""

_PLACE = re.compile(r"%\((\w+)\)s")
_TAG = re.compile(r"<[^>]*>")


@dataclass(frozen=True, slots=True)
class Row:
    """A text in every language of the page."""

    name: str
    texts: tuple[Markup | str, ...]
    same: frozenset[int] = frozenset()
    """Positions of the texts that equal the first one, and so may lack a translation."""


@dataclass(frozen=True, slots=True)
class Section:
    """A titled group of rows on the page."""

    title: str
    rows: tuple[Row, ...]


def page(renderer: Renderer, languages: Sequence[str]) -> str:
    """Return the page as HTML, with the source language as its first column."""
    asked = [SOURCE_LANGUAGE, *(each for each in languages if each != SOURCE_LANGUAGE)]
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    named = [(each, Locale.parse(each.replace("-", "_")).english_name) for each in asked]
    return environment.get_template("text_review.html.j2").render(
        languages=named, sections=tuple(sections(renderer, asked))
    )


def sections(renderer: Renderer, languages: Sequence[str]) -> Iterator[Section]:
    """Yield the page's sections with all texts; other languages are compared with the first."""
    samples = {each: sample_in(renderer, each) for each in languages}
    yield Section("Messages", tuple(messages(renderer, languages, samples)))
    keys = tuple(label_rows(renderer, languages, samples))
    yield Section("Buttons and answers to taps", keys)
    yield Section("Commands and descriptions", tuple(profile(renderer, languages)))
    yield Section("Names of categories", tuple(names(renderer, languages)))
    yield Section("Dates, numbers and lists", tuple(written(renderer, languages)))
    pages = (paged(renderer, languages, samples, empty=each) for each in (False, True))
    yield Section("Files and pages", (exported(renderer, languages), *pages))


def sample_in(renderer: Renderer, language: str) -> Sample:
    """Return the sample that fills messages of a language."""
    stories = renderer.sample_stories(language)
    motor = renderer.category("motor", language)
    filters = renderer.filters(language)
    return Sample(
        "WWD",
        "https://example.com/story",
        NOW,
        ZONE,
        language,
        paywalls=True,
        by_role={
            "author": "Anna Rossi",
            "blocked": renderer.label("error_blocked", language),
            "body": stories[0][1],
            "bot": "OnNewsBot",
            "category": motor,
            "city": renderer.label("city_milan", language),
            "amount": "1.25 billion",
            "clock": filters.dates.clock(NOW, ZONE),
            "contact": "@annarossi",
            "due": renderer.label(
                "when_tomorrow",
                language,
                time=filters.dates.clock(NOW, ZONE),
                city=renderer.label("city_milan", language),
            ),
            "here": renderer.label("this_group", language),
            "house": "Prada",
            "id": "1234",
            "kind": renderer.label("kind_deal", language),
            "languages": filters.listed(map(filters.language, ("zh", "it"))),
            "command": "/lastest",
            "counts": renderer.fragment("edition_count", language, category="motor", count=2),
            "day": filters.dates.weekday(NOW + timedelta(days=3), ZONE),
            "days": renderer.label("every_day", language),
            "deleted": renderer.label("error_deleted", language),
            "link": "https://t.me/OnNewsBot",
            "name": motor,
            "names": renderer.categories(("style", "motor", "china"), language, most=3),
            "notice": renderer.label("changed_first", language),
            "operator": "Anna Rossi",
            "query": "tourbillon",
            "reason": "HTTP 503",
            "since": renderer.label("at_yesterday", language, clock=filters.dates.clock(NOW, ZONE)),
            "source": "WWD",
            "sources": filters.commas(("WWD", "Vogue Business")),
            "time": filters.dates.clock(NOW, ZONE),
            "title": "Luxury Milan",
            "typed city": "Springfield",
            "typed day": "31/11",
            "typed hour": "25:00",
            "typed hours": "22-25",
            "value": filters.dates.clock(NOW, ZONE),
            "when": renderer.label("at_yesterday", language, clock=filters.dates.clock(NOW, ZONE)),
            "weight": renderer.label("weight_3", language),
            "word": "Formula 1",
            "wrong fact": renderer.label(
                "counted", language, text=renderer.label("wrong_fact", language), num=2
            ),
            "wrong old": renderer.label("wrong_old", language),
            "words": "bentely",
        },
        headlines=stories,
        others=("Vogue Business", "Reuters", "Le Figaro", "Il Sole 24 Ore"),
        most=3,
        commands=renderer.commands(language),
    )


def messages(
    renderer: Renderer, languages: Sequence[str], samples: dict[str, Sample]
) -> Iterator[Row]:
    """Yield a row for each state of each template that has a line not shown before."""
    filled = _filled(renderer, samples[languages[0]])
    for template, values in SAMPLE_VALUES.items():
        states = [values(samples[each]) for each in languages]
        known: set[str] = set()
        for state in zip(*states, strict=True):
            texts = [
                "\n\n".join(renderer.message(template, language, **each).parts)
                for language, each in zip(languages, state, strict=True)
            ]
            lines = {filled.sub("…", _TAG.sub("", line)) for line in texts[0].splitlines()}
            if lines <= known:
                continue
            known |= lines
            # Telegram's HTML is a subset of a browser's, and the renderer escaped the values.
            shown = tuple(Markup(each) for each in texts)  # noqa: S704
            yield Row(template, shown)


def _filled(renderer: Renderer, sample: Sample) -> re.Pattern[str]:
    """Return a pattern of the sample's names, headlines and numbers.

    Messages that differ only in these count as the same.
    """
    stories = [text for story in sample.headlines for text in story]
    categories = [
        renderer.category(slug, sample.language)
        for article in sample.articles(3)
        for slug in article.categories
    ]
    names = [text for text in sample.by_role.values() if text] + categories
    counts = [each for count in COUNTS for each in (count, count.capitalize())]
    longest_first = sorted({*stories, *names}, key=len, reverse=True)
    words = [rf"\b{count}\b" for count in counts]
    return re.compile("|".join([*map(re.escape, longest_first), *words, r"\d+"]))


def label_rows(
    renderer: Renderer, languages: Sequence[str], samples: dict[str, Sample]
) -> Iterator[Row]:
    """Yield a row for every label and every text of front pages.

    A plural has a row for each number in `COUNTED`.
    """
    for key, text in (*LABELS.items(), *PAGE.items()):
        pattern = text.many if isinstance(text, Plural) else text
        for number in COUNTED if isinstance(text, Plural) else (1,):
            texts = [
                renderer.label(
                    key,
                    language,
                    **_values_of_label(renderer, samples[language], key, pattern, number),
                )
                for language in languages
            ]
            yield _row(f"{key} · {number}" if isinstance(text, Plural) else key, texts)


def _values_of_label(
    renderer: Renderer, sample: Sample, key: str, pattern: str, number: int
) -> dict[str, object]:
    """Return a value for each place of a label, so that the label makes sense."""
    filters = renderer.filters(sample.language)
    stories = filters.counted(number)
    values: dict[str, object] = {place: sample.of(place) for place in _PLACE.findall(pattern)}
    values |= {"num": number, "stories": stories if key in WITHIN else capital(stories)}
    if key.startswith("now_followed"):
        values["when"] = sample.of("due")
    if key == "ran":
        values["days"] = filters.dates.days(NOW.date() - timedelta(days=2), NOW.date())
    if number == 1 and "names" in values:
        values["names"] = sample.of("category")
    return values


def profile(renderer: Renderer, languages: Sequence[str]) -> Iterator[Row]:
    """Yield the texts that Telegram shows about the bot: commands and descriptions."""
    commands = [
        (*renderer.commands(each), *renderer.desk_commands(each, operator=True))
        for each in languages
    ]
    for same_command in zip(*commands, strict=True):
        yield _row(f"/{same_command[0][0]}", [text for _, text in same_command])
    yield _row("description", [renderer.description(each) for each in languages])
    yield _row("short description", [renderer.short_description(each) for each in languages])


def names(renderer: Renderer, languages: Sequence[str]) -> Iterator[Row]:
    """Yield the names of sections and markets."""
    for name in (*SECTIONS, *MARKETS):
        slug = name.casefold().replace(" ", "-")
        yield _row(slug, [renderer.category(slug, each) for each in languages])


def written(renderer: Renderer, languages: Sequence[str]) -> Iterator[Row]:
    """Yield dates, numbers and lists as each language writes them."""
    every = [renderer.filters(each) for each in languages]
    yield _row("weekday", [each.dates.weekday(NOW, ZONE) for each in every])
    yield _row("day", [each.dates.day(NOW, ZONE, NOW) for each in every])
    yield _row("day of another year", [each.dates.day(NOW, ZONE) for each in every])
    yield _row("clock", [each.dates.clock(NOW, ZONE) for each in every])
    yield _row("moment", [each.dates.moment(NOW, ZONE, NOW) for each in every])
    lately = NOW - timedelta(minutes=12)
    yield _row("minutes ago", [each.dates.when(lately, ZONE, NOW) for each in every])
    near, far = date(2026, 11, 20), date(2026, 11, 3)
    yield _row("days", [each.dates.days(near, near + timedelta(days=2)) for each in every])
    yield _row("days far apart", [each.dates.days(far, near) for each in every])
    yield _row("number", [each.number(12_345) for each in every])
    for slug in NAMES:
        yield _row("followed words", [each.category(slug) for each in every])
    counts = range(1, len(COUNTS) + 1)
    yield _row("counted", [" ".join(map(each.counted, counts)) for each in every])
    for slugs in (
        ("style", "motor"),
        ("style", "motor", "europe"),
        ("motor", YOUR_WORDS),
        ("motor", FOLLOWED_HERE),
        ("art",) * 5,
    ):
        yield _row("list", [each.categories(slugs, 3) for each in every])


def exported(renderer: Renderer, languages: Sequence[str]) -> Row:
    """Return the page that `/export` sends, for a full private chat and a new topic."""
    document = {
        "made": NOW.isoformat(),
        "chat_id": 42,
        "subscriptions": sample_export.KEPT,
        "desk": sample_export.DESK,
    }
    pages = [renderer.fragment("export", each, document=document) for each in languages]
    # The part before the first heading is the page's head, which is not shown.
    bodies = (page[page.index("<h1>") :].removesuffix("</html>") for page in pages)
    return Row("export", tuple(Markup(each) for each in bodies))  # noqa: S704


def paged(
    renderer: Renderer, languages: Sequence[str], samples: dict[str, Sample], *, empty: bool
) -> Row:
    """Return the page of a secret link, with an edition or before the first one."""
    shown = []
    for each in languages:
        edition = samples[each].edition(stories=3)
        sections = tuple((category, (story,)) for category, story in edition.placed())
        page = renderer.fragment(
            "edition_page",
            each,
            editions=() if empty else (PagedEdition(NOW, sections),),
            zone=ZONE,
            days=() if empty else ((NOW.date() - timedelta(days=1), "#"),),
            feeds=(),
        )
        shown.append(Markup(page[page.index("<main>") :].removesuffix("</html>")))  # noqa: S704
    return Row("edition_page", tuple(shown))


def _row(name: str, texts: Sequence[str]) -> Row:
    same = frozenset(at for at, text in enumerate(texts) if at and text == texts[0])
    return Row(name, tuple(texts), same)
