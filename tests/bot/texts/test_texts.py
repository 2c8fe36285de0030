"""`onnews texts`: a page that shows every text in each language."""

from __future__ import annotations

import html
import re
from functools import cache
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from bot.cli.cli import main
from bot.texts.text_review import page
from news.filing import taxonomy
from templates import Renderer
from templates.language.languages import LOCALES, languages, read

if TYPE_CHECKING:
    from pathlib import Path

    from babel.messages.catalog import Message

_TAG = re.compile(r"<[^>]*>")
_PLACE = re.compile(r"%\(\w+\)s")


@cache
def shown(language: str) -> str:
    """Return the page's text in a language, without markup, on one line."""
    renderer = Renderer(taxonomy.load().categories, username="OnNewsBot", pages=True)
    return words(page(renderer, (language,)))


def bare(markup: str) -> str:
    return _TAG.sub("", markup)


def words(markup: str) -> str:
    return " ".join(html.unescape(bare(markup)).split())


def translations(message: Message) -> list[str]:
    """Return the plural forms of a message in its catalogue."""
    string = message.string or ""
    forms = [string] if isinstance(string, str) else list(string)
    return [form.replace("%%", "%") for form in forms if form]


@pytest.mark.parametrize("language", [each for each in languages() if each != "en"])
def test_the_page_of_texts_has_every_text_of_a_catalogue(language: str) -> None:
    missing = []
    for message in read(LOCALES / f"{language}.po"):
        if not message.id or message.context == "date pattern":
            continue
        patterns = [
            # A pattern that begins with its own words finds them a hundred times as fast.
            ".{0,200}?".join(re.escape(words(part)) for part in _PLACE.split(form) if part.strip())
            for form in translations(message)
        ]
        if not any(re.search(pattern, shown(language)) for pattern in patterns):
            missing.append(message.id)
    assert missing == []


def test_what_follows_a_chinese_colon_has_full_width_marks_and_no_space() -> None:
    renderer = Renderer(taxonomy.load().categories, username="OnNewsBot", pages=True)
    lines = html.unescape(bare(page(renderer, ("zh",)))).splitlines()
    assert [line for line in lines if "： " in line] == []
    assert "读者反馈：事实有误（2），旧闻" in lines


def test_a_language_is_shown_beside_english_and_only_it(tmp_path: Path) -> None:
    out = tmp_path / "page.html"
    done = CliRunner().invoke(main, ["texts", "--language", "it", "--out", str(out)])
    assert done.exit_code == 0
    assert done.output == f"{out}: every text in 2 languages\n"
    written = out.read_text(encoding="utf-8")
    assert written.index("English") < written.index("Italian")
    assert "Segui Motori" in written
    assert 'lang="en">Follow Motor<' in written


def test_texts_names_a_missing_language(tmp_path: Path) -> None:
    out = tmp_path / "page.html"
    done = CliRunner().invoke(main, ["texts", "--language", "xx", "--out", str(out)])
    assert done.exit_code == 1
    assert "no language 'xx'; choose from en, es, fr, it, zh" in done.output
    assert not out.exists()


def test_texts_can_be_printed_to_the_terminal() -> None:
    done = CliRunner().invoke(main, ["texts", "--language", "it", "--out", "-"])
    assert done.output.startswith("<!doctype html>")


MAKES_SENSE = (
    "Your first edition arrives tomorrow at 08:05, Milan time.",
    "Your first edition: tomorrow at 08:05, Milan time.",
    "Your edition arrives every day at 08:05, Milan time.",
    "Good morning. One story: Motor.",
    "Good morning. Five stories: Style, Motor and China.",
    "Since yesterday 08:05, twelve stories: Style, Motor and China.",
    "This group now follows Motor.",
    "Fri–Sun, 2 sources",
    "China · from Vogue Business, Reuters and Le Figaro · since Tuesday 24 November",
    "I couldn’t read “25:00” as a time.",
    "I have no category called “bentely”. Did you mean Bentley?",
    "In common: Prada, Formula 1, 1.25 billion",
    "Anna Rossi runs this bot: @annarossi.",
    "I can post in Luxury Milan again.",
    "reported by 12 sources · 5 sources within six hours · you set Gucci to “more”",
    "most stories are in Chinese and Italian, so they are left out here.",
    "The latest backup: 21 Nov The bot keeps running",
    "12,400 messages are waiting",
)


def test_what_fills_a_text_on_the_page_makes_sense_in_it() -> None:
    assert [sentence for sentence in MAKES_SENSE if sentence not in shown("en")] == []
