"""The renderer: languages, labels, dates, and the values of templates."""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import jinja2
import pytest

from bot.samples import Sample
from bot.texts.sample_conversations import CONVERSATIONS
from digest.editions.preview import Why
from handlers.stories.listing import lengths
from handlers.stories.reports import ListedStory
from storage.beside_bytecode import BesideBytecode
from storage.model import Kind
from templates import Renderer
from templates.language import menu
from templates.language.category_names import MARKETS, SECTIONS
from templates.language.labels import LABELS, Plural
from templates.language.languages import LOCALES, languages, serving, translations
from templates.markup.message import Preview
from templates.markup.text import units
from templates.renderer import CompiledTemplates
from tests.templates.contexts import CATEGORIES
from tests.templates.telegram_parser import addresses, plain

if TYPE_CHECKING:
    from pathlib import Path
    from types import CodeType

NOW = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
SAMPLE = Sample("The new Phantom", "https://example.com/phantom", NOW)
LONGEST = "A house with rather a long name"


@pytest.mark.parametrize(
    ("code", "language"),
    [
        ("it", "it"),
        ("it-CH", "it"),
        ("IT_it", "it"),
        ("en-US", "en"),
        ("pt", "es"),
        ("de", "it"),
        ("", "it"),
        (None, "it"),
    ],
)
def test_a_language_code_finds_the_language_that_serves_it(
    renderer: Renderer, code: str | None, language: str
) -> None:
    assert renderer.match(code, "it") == language
    assert renderer.match("de", "tlh") == "en"


@pytest.mark.parametrize(
    ("there", "code", "language"),
    [
        (("en", "es", "it"), "pt", "es"),
        (("en", "es", "it"), "pt-BR", "es"),
        (("en", "es", "it"), "ca_ES", "es"),
        (("en", "es", "it"), "gl", "es"),
        (("en", "it"), "pt-br", "en"),
        (("en", "es", "pt"), "pt-BR", "pt"),
        (("en", "es", "pt_BR"), "pt", "pt_BR"),
        (("en", "es", "pt_BR"), "pt-br", "pt_BR"),
        (("en", "zh"), "zh-Hant", "zh"),
        (("en", "zh"), "zh-TW", "zh"),
        (("en", "zh"), "zh-hk", "zh"),
        (("en", "zh"), "zh-Hans-CN", "zh"),
        (("en", "zh", "zh_Hant"), "zh-Hant-TW", "zh_Hant"),
        (("en", "zh", "zh_Hant"), "zh-TW", "zh_Hant"),
        (("en", "zh", "zh_Hant"), "zh-hk", "zh_Hant"),
        (("en", "zh", "zh_Hant"), "zh-cn", "zh"),
        (("en", "zh_Hant"), "zh", "zh_Hant"),
        (("en", "es", "it"), "de-AT", "it"),
        (("en", "es", "it"), "-", "it"),
    ],
)
def test_a_language_without_a_catalogue_is_served_by_the_nearest_one(
    there: tuple[str, ...], code: str, language: str
) -> None:
    assert serving(code, there, "it" if "it" in there else "en") == language


def test_an_unsupported_language_is_served_in_english(renderer: Renderer) -> None:
    assert renderer.label("follow", "tlh") == "Follow"
    assert renderer.message("edition_section", "tlh", category="motor").parts == ("<b>Motor</b>",)


def test_sections_and_markets_are_translated_and_houses_are_not(renderer: Renderer) -> None:
    assert renderer.category("motor", "it") == "Motori"
    assert renderer.category("china", "it") == "Cina"
    assert renderer.category("gucci", "it") == "Gucci"


def test_a_removed_category_keeps_a_readable_name(renderer: Renderer) -> None:
    assert renderer.category("pens-and-paper", "it") == "Pens And Paper"


@pytest.mark.parametrize(
    ("key", "language", "values", "written"),
    [
        ("stories", "en", {"num": 1}, "1 story"),
        ("stories", "it", {"num": 2}, "2 notizie"),
        # Values are on one line, and a count in brackets counts no stories in Chinese.
        ("follow_category", "en", {"category": "A\n<b>\ud83d"}, "Follow A <b>"),
        ("counted", "zh", {"text": "草稿", "num": 1}, "草稿（1）"),
        # Numbers are grouped as the language does; Spanish begins at five digits.
        ("publish_all", "en", {"num": 1234}, "Publish all (1,234)"),
        ("all_published", "it", {"num": 1234}, "1.234 notizie pubblicate."),
        ("all_published", "es", {"num": 1234}, "1234 noticias publicadas."),
        ("all_published", "es", {"num": 12_345}, "12.345 noticias publicadas."),
    ],
)
def test_a_label_is_written_with_its_values(
    renderer: Renderer, key: str, language: str, values: dict[str, object], written: str
) -> None:
    assert renderer.label(key, language, **values) == written


def test_a_message_groups_the_digits_of_its_numbers(renderer: Renderer) -> None:
    subscriber = SAMPLE.subscriber()
    sources = renderer.message(
        "approval_sources", "en", subscriber=subscriber, waiting=["WWD"] * 1234
    )
    assert "Stories from 1,234 sources wait" in sources.parts[0]
    refused = renderer.message(
        "draft_refused", "fr", subscriber=subscriber, what="standfirst", words=""
    )
    assert "1\u202f000 caractères" in refused.parts[0]


def test_an_alarm_counts_further_categories_as_categories(renderer: Renderer) -> None:
    message = renderer.message(
        "sources_alarm",
        "en",
        bad=[],
        good=[],
        thin=["motor"] * 14,
        cut_off=False,
        zone="UTC",
        now=NOW,
    )
    assert message.parts[0].endswith("Motor and 2 more categories")


def test_an_alarm_says_how_long_in_hours_and_names_a_day_once(renderer: Renderer) -> None:
    def said(template: str, **values: object) -> str:
        return plain(renderer.message(template, "en", zone="UTC", now=NOW, **values).parts[0])

    late = said("alarm_late_editions", since=NOW, until=None, waiting=1, minutes=1440)
    assert "One message is waiting, 24 h late." in late
    offline = said("offline_alarm", since=NOW - timedelta(hours=2, minutes=5), until=NOW)
    assert "Back online after 2 h 5 min" in offline
    assert "from 04:55 to 07:00 on 24 Nov." in offline
    offline = said("offline_alarm", since=NOW - timedelta(hours=51), until=NOW)
    assert offline.splitlines()[0] == "Back online after 51 h"
    assert "from Sun 22 Nov, 04:00 to Tue 24 Nov, 07:00." in offline
    over = said("alarm_backup", since=NOW - timedelta(hours=2), until=NOW)
    assert "The problem lasted from 05:00 to 07:00 on 24 Nov." in over


def test_a_french_hour_is_not_broken_in_a_label(renderer: Renderer) -> None:
    hour = renderer.filters("fr").dates.clock(datetime(2026, 11, 24, 8, 5, tzinfo=UTC))
    assert renderer.label("corrected_at", "fr", time=hour) == "corrigé à 8\u202fh\u202f05"


def test_an_unknown_label_is_an_error(renderer: Renderer) -> None:
    with pytest.raises(KeyError):
        renderer.label("no such label", "en")


def test_a_missing_template_value_is_an_error(renderer: Renderer) -> None:
    with pytest.raises(jinja2.UndefinedError):
        renderer.message("card", "en")


@pytest.mark.parametrize("language", languages())
def test_every_label_is_within_the_length_for_its_use(renderer: Renderer, language: str) -> None:
    for key, text in LABELS.items():
        assert isinstance(text, str | Plural)
        names = re.findall(r"%\((\w+)\)s", text if isinstance(text, str) else text.many)
        values: dict[str, object] = dict.fromkeys(names, LONGEST) | {
            "num": 12,
            "count": 12,
            "day": "Wednesday",
            "time": "08:00",
        }
        written = renderer.label(key, language, **values)
        assert "%" not in written, key
        # A sentence, or the time in it, answers a tap (Telegram: 200). Other labels are buttons.
        sentence = isinstance(text, str) and text.endswith((".", "?", "!", "%(link)s", "%(id)s"))
        on_button = not sentence and not key.startswith("when_")
        assert 0 < units(written) <= (64 if on_button else 200), key


@pytest.mark.parametrize("language", languages())
def test_the_bot_introduces_itself_within_telegrams_limits(
    renderer: Renderer, language: str
) -> None:
    assert 0 < units(renderer.description(language)) <= 512
    assert 0 < units(renderer.short_description(language)) <= 120
    commands = renderer.commands(language)
    assert [command for command, _ in commands] == list(menu.COMMANDS)
    assert all(3 <= units(text) <= 256 for _, text in commands)


def masthead(renderer: Renderer, language: str, now: datetime, zone: str, minutes: int) -> str:
    """Return the first line of an edition."""
    message = renderer.message(
        "edition_masthead",
        language,
        now=now,
        zone=zone,
        time_of_day="morning",
        evening=False,
        count=1,
        span="day",
        added=0,
        still=0,
        catch_up=False,
        since="",
        minutes=minutes,
        names="Motor",
    )
    return plain(message.parts[0]).split("\n")[0]


def test_dates_are_those_of_the_readers_zone_and_language(renderer: Renderer) -> None:
    late = datetime(2026, 11, 24, 23, 30, tzinfo=UTC)
    assert masthead(renderer, "en", late, "UTC", 2).startswith("ON News · Tuesday 24 November")
    assert masthead(renderer, "it", late, "Asia/Tokyo", 2).startswith(
        "ON News · mercoledì 25 novembre"
    )


@pytest.mark.parametrize(
    ("language", "one", "two"),
    [
        # A phone breaks no line after this hyphen.
        ("en", "one\u2011minute read", "two\u2011minute read"),
        ("it", "lettura: un minuto", "lettura: due minuti"),
        ("es", "lectura: un minuto", "lectura: dos minutos"),
        ("fr", "lecture\u202f: une minute", "lecture\u202f: deux minutes"),
        ("zh", "阅读约一分钟", "阅读约两分钟"),
    ],
)
def test_an_edition_says_that_its_minutes_are_those_of_reading(
    renderer: Renderer, language: str, one: str, two: str
) -> None:
    for minutes, said in ((1, one), (2, two)):
        line = masthead(renderer, language, NOW, "UTC", minutes)
        assert line.endswith(f" · {said.replace(' ', chr(0xA0))}")


def test_a_card_has_category_date_headline_standfirst_source_and_the_bot(
    renderer: Renderer,
) -> None:
    article = replace(SAMPLE.article(), standfirst="It was shown today.")
    card = renderer.card(article, language="it", also_in=("WWD",), now=NOW)
    assert card.preview == Preview("https://example.com/phantom")
    (text,) = card.parts
    assert text == (
        "Motori\n\n"
        '<b><a href="https://example.com/phantom">The new Phantom</a></b>\n\n'
        "It was shown today.\n\n"
        "<i>The new Phantom (inglese), anche su WWD</i> · oggi 07:00 · The new Phantom\n\n"
        '<b><a href="https://t.me/OnNewsBot">ON News</a></b>'
    )


def test_a_story_is_shown_under_its_section_everywhere(renderer: Renderer) -> None:
    article = SAMPLE.article(categories=("gucci", "kering", "china", "motor"))
    row = {
        **CONVERSATIONS["list"](SAMPLE)[-1],
        "stories": [ListedStory(article)],
        "first": 1,
    }
    assert renderer.filed(article, "it")[:2] == ("Cina", "Gucci")
    assert plain(renderer.card(article, language="en").parts[0]).startswith(
        "China · Gucci · Kering\n"
    )
    alert = plain(renderer.alert(article, language="en").parts[0]).split("\n")
    # A notification shows the first line, so that the news is there.
    assert (alert[0], alert[-1]) == (article.title, "ON News · just in · China")
    for category, shown in (("", "China"), ("motor", "Gucci"), ("gucci", "China")):
        listed = renderer.message("list", "en", **{**row, "category": category})
        assert f"just now · {shown}" in plain(listed.parts[0])


def test_a_list_entry_is_rendered_again_only_if_something_differs(renderer: Renderer) -> None:
    article = replace(SAMPLE.articles(1)[0], categories=("motor", "gucci"))
    story = ListedStory(article, also_in=("Elle",))
    row = {**CONVERSATIONS["list"](SAMPLE)[-1], "scope": "all", "query": "", "category": ""}
    row |= {"narrowed": None, "cut": False, "by_day": False, "stories": [story]}
    row |= {"lengths": lengths(7)}
    otherwise: dict[str, dict[str, object]] = {
        "the same": {},
        "another headline": {"stories": [replace(story, article=replace(article, title="Anew"))]},
        "another standfirst": {
            "stories": [replace(story, article=replace(article, standfirst="What it is about."))]
        },
        "another address": {
            "stories": [replace(story, article=replace(article, link="https://example.com/anew"))]
        },
        "another language": {"stories": [replace(story, article=replace(article, language="it"))]},
        "a paywall": {"stories": [replace(story, article=replace(article, paywall=True))]},
        "others that tell it": {"stories": [replace(story, also_in=("Elle", "Vogue"))]},
        "another hour": {"now": NOW + timedelta(hours=3)},
        "another zone": {
            "now": NOW + timedelta(hours=3),
            "subscriber": replace(SAMPLE.subscriber(), zone="Asia/Tokyo"),
        },
        "less room": {"lengths": lengths(20)},
        "another list": {"scope": "category", "category": "motor"},
    }
    written = {
        what: renderer.message("list", "en", **{**row, **change}).parts[0]
        for what, change in otherwise.items()
    }
    assert len(set(written.values())) == len(otherwise)
    fresh = Renderer(CATEGORIES, username="OnNewsBot")
    for what, change in otherwise.items():
        # Whatever was written before, what a renderer writes first is what this one writes.
        assert fresh.message("list", "en", **{**row, **change}).parts[0] == written[what]
        fresh = Renderer(CATEGORIES, username="OnNewsBot")
    assert renderer.message("list", "it", **row).parts[0] not in written.values()


def test_a_search_that_was_cut_off_says_how_to_see_more(renderer: Renderer) -> None:
    row = {**CONVERSATIONS["list"](SAMPLE)[-1], "scope": "search", "cut": True}
    words = plain(renderer.message("list", "en", **row).parts[0])
    assert words.endswith(
        "I only had time for the newest stories. Add a word to look further back."
    )
    words = plain(renderer.message("list", "en", **{**row, "stories": []}).parts[0])
    assert words.endswith("I found nothing in the time I had. Try again, or add a word.")


def test_a_story_without_a_section_is_under_its_house(renderer: Renderer) -> None:
    article = SAMPLE.article(categories=("gucci", "no-longer-here"))
    assert renderer.filed(article, "en") == ("Gucci", "No Longer Here")


def test_a_card_of_another_year_names_the_year(renderer: Renderer) -> None:
    card = renderer.card(SAMPLE.article(), language="en", now=NOW + timedelta(days=365))
    assert " · 24 Nov 2026 · " in card.parts[0]


@pytest.mark.parametrize("days", [0, 1, 3, 30, 365])
def test_a_friends_card_shows_the_same_date_as_the_card(renderer: Renderer, days: int) -> None:
    article = replace(SAMPLE.article(), author=None)
    now = NOW + timedelta(days=days)
    reader = SAMPLE.subscriber()
    card = renderer.card(article, language="fr", zone=reader.zone, now=now)
    shown = plain(card.parts[0]).split("\n")
    sent = {
        "subscriber": reader,
        "article": article,
        "by_friend": True,
        "corrected": None,
        "now": now,
    }
    landing = plain(renderer.message("friend_card", "fr", **sent).parts[0]).split("\n")
    assert landing[-1].rpartition(" · ")[2] == shown[-3].rpartition(" · ")[2]


def test_a_date_without_a_moment_to_compare_names_the_year(renderer: Renderer) -> None:
    link = "https://t.me/OnNewsBot?start=a1"
    card = renderer.message("shared_card", "en", article=SAMPLE.article(), bot_link=link)
    assert plain(card.parts[0]).startswith("Motor · 24 Nov 2026\n")


def test_a_standfirst_that_only_repeats_the_headline_is_left_out(renderer: Renderer) -> None:
    article = replace(SAMPLE.article(), standfirst="THE NEW  PHANTOM", source="WWD")
    assert "Phantom\nWWD\n\nON News" in plain(renderer.alert(article, language="en").parts[0])


def test_mentions_and_commands_in_source_text_are_not_tappable(renderer: Renderer) -> None:
    article = replace(SAMPLE.article(), standfirst="@someone /stop, 24/7 a@b.cd https://a.bc/x")
    text = plain(renderer.card(article, language="en").parts[0])
    assert "@\u2060someone /\u2060stop, 24/7 a@b.cd https://a.bc/x" in text


def test_a_picture_that_is_not_a_web_link_is_replaced_by_the_page(renderer: Renderer) -> None:
    article = Sample("x", "https://example.com/x", NOW).article()
    for image in (None, "data:image/png;base64,xyz", "/relative.jpg"):
        alert = renderer.alert(replace(article, image=image), language="en")
        assert alert.preview == Preview("https://example.com/x")


def test_a_bot_without_a_name_yet_is_not_linked() -> None:
    renderer = Renderer(CATEGORIES)
    assert renderer.card(SAMPLE.article(), language="en").parts[0].endswith("<b>ON News</b>")
    renderer.username = "OnNewsBot"
    assert renderer.bot_link == "https://t.me/OnNewsBot"
    renderer.username = "not a name"
    assert renderer.bot_link == ""


def test_every_section_and_market_of_the_taxonomy_can_be_translated() -> None:
    taxonomy = pytest.importorskip("news.filing.taxonomy").load()
    named = {
        category.name
        for category in taxonomy.categories.values()
        if category.kind in {Kind.SECTION, Kind.MARKET}
    }
    assert named == {*SECTIONS, *MARKETS}


def test_a_language_tag_with_a_script_finds_its_catalogue(tmp_path: Path) -> None:
    for name in ("zh.po", "pt_BR.po"):
        (tmp_path / name).touch()
    renderer = Renderer(CATEGORIES, locales=tmp_path)
    assert renderer.languages == ("en", "pt_BR", "zh")
    assert [renderer.match(code, "en") for code in ("zh-hans", "zh-TW", "pt", "pt-br")] == [
        "zh",
        "zh",
        "pt_BR",
        "pt_BR",
    ]
    assert renderer.label("follow", "zh") == "Follow"


def test_a_compiled_template_contains_no_language(renderer: Renderer) -> None:
    """A template compiled in one language is reused for the others."""
    source = "{{ 'motor' | category }} {% if 'china' | category %}{% endif %}"
    english, italian = (
        renderer._language(language).environment.compile(source, raw=True)
        for language in ("en", "it")
    )
    assert english == italian
    assert "Motor" not in english


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[str | None]:
    """Return the names of the templates that are compiled during the test."""
    names: list[str | None] = []
    compile_ = jinja2.Environment.compile

    def counted(
        self: jinja2.Environment, source: str, name: str | None = None, filename: str | None = None
    ) -> CodeType:
        names.append(name)
        return compile_(self, source, name, filename)

    monkeypatch.setattr(jinja2.Environment, "compile", counted)
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    return names


def compile_all(module: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Compile all templates ahead, as a process that keeps them beside this module."""
    stored = BesideBytecode(str(module), "templates")
    monkeypatch.setattr("templates.renderer.COMPILED", CompiledTemplates(stored))
    ahead = Renderer(CATEGORIES)
    while ahead.compile_next():
        pass


def test_templates_are_compiled_before_readers_need_them_and_not_again_at_the_next_start(
    compiled: list[str | None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compile_all(tmp_path / "module.py", monkeypatch)
    assert "list.html.j2" in compiled
    assert len(compiled) == len({*compiled})
    compiled.clear()
    compile_all(tmp_path / "module.py", monkeypatch)
    assert not Renderer(CATEGORIES).compile_next()
    assert Renderer(CATEGORIES).fragment("latest_range", "it", most=20)
    assert not compiled


def test_another_version_of_jinja_compiles_the_templates_again(
    compiled: list[str | None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compile_all(tmp_path / "module.py", monkeypatch)
    monkeypatch.setattr("templates.renderer.version", lambda _: "another")
    compiled.clear()
    compile_all(tmp_path / "module.py", monkeypatch)
    assert "list.html.j2" in compiled


def test_changed_files_do_not_affect_the_running_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    renderer = Renderer(CATEGORIES, username="OnNewsBot", locales=LOCALES)
    before = renderer.card(SAMPLE.article(), language="en")
    newer = tmp_path / "locales"
    newer.mkdir()
    (tmp_path / "card.html.j2").write_text("{{ a_value_of_tomorrow }}")
    monkeypatch.setattr("templates.language.languages.LOCALES", newer)
    monkeypatch.setattr("templates.renderer.FOLDER", tmp_path)
    assert renderer.card(SAMPLE.article(), language="en") == before
    assert "Motor" in renderer.card(SAMPLE.article(), language="es").parts[0]


def test_a_catalogue_that_changes_is_read_again(tmp_path: Path) -> None:
    catalogue = tmp_path / "it.po"
    for written in ("Buongiorno", "Buona sera"):
        catalogue.write_text(f'msgid ""\nmsgstr ""\n\nmsgid "Hello"\nmsgstr "{written}"\n')
        assert translations("it", tmp_path).gettext("Hello") == written


def test_reasons_for_leaving_out_begin_with_a_capital(renderer: Renderer) -> None:
    for values in CONVERSATIONS["why"](SAMPLE):
        text = "".join(map(plain, renderer.message("why", "en", **values).parts))
        reasons = text.partition("Left out\n")[2]
        assert not [line for line in reasons.splitlines() if line[:1].islower()]


def test_each_reason_for_leaving_out_has_words_of_its_own(renderer: Renderer) -> None:
    values = next(each for each in CONVERSATIONS["why"](SAMPLE) if not each["left_out"])
    for language in renderer.languages:
        texts = set()
        for why in (*Why, "unknown"):
            left_out = [(str(why), "", [SAMPLE.article()], 2)]
            parts = renderer.message("why", language, **values | {"left_out": left_out}).parts
            texts.add("".join(map(plain, parts)))
        assert len(texts) == len(Why) + 1, language


@pytest.mark.parametrize("link", ["https://example.com/story", "tg://resolve?domain=somebody"])
def test_a_story_contains_no_link_to_an_app(renderer: Renderer, link: str) -> None:
    sample = Sample("Meet tg://resolve?domain=somebody", link, NOW)
    article, words = sample.article(), sample.text
    for page in (1, 2):
        for html in renderer.message(
            "read", "en", article=article, text=words, page=page, pages=2
        ).parts:
            found = [*addresses(plain(html)), *re.findall(r'href="([^"]*)"', html)]
            assert all("tg:" not in str(each) for each in found)
