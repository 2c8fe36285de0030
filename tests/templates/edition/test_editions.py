"""Editions as text: wording, splitting, and pieces that are rendered once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from storage.model import (
    STILL_WORTH,
    Coverage,
    Edition,
    EditionSection,
    EditionStory,
    Layout,
    Span,
)
from templates import Renderer
from templates.edition.editions import EditionRenderer, Piece, packed, piece
from templates.edition.lru_cache import LruCache
from templates.markup.fit import UNITS
from templates.markup.message import Preview
from templates.markup.text import units
from tests.templates.contexts import CATEGORIES, MORNING, article
from tests.templates.telegram_parser import plain

if TYPE_CHECKING:
    from templates import RenderedMessage


def edition(*, pictured: bool = True) -> Edition:
    image = "https://example.com/1.jpg" if pictured else None
    return Edition(
        EditionStory(article(1, "The lead", image=image), also_in=("Vogue", "GQ")),
        (
            EditionSection("motor", (EditionStory(article(2, "A car")),), left_out=7),
            EditionSection(
                "gucci",
                (EditionStory(article(3, "A bag")), EditionStory(article(4, "A shoe"))),
            ),
        ),
        lead_category="style",
    )


def sent(
    renderer: Renderer,
    content: Edition,
    *,
    layout: Layout = Layout.SUMMARIES,
    language: str = "en",
    now: datetime = MORNING,
    catch_up: bool = False,
) -> RenderedMessage:
    return renderer.edition(
        content, language=language, layout=layout, zone="Europe/Rome", now=now, catch_up=catch_up
    )


def test_a_weekly_edition_starts_with_its_biggest_stories_and_their_days(
    renderer: Renderer,
) -> None:
    ran = Coverage(
        datetime(2026, 11, 15, 23, 30, tzinfo=UTC), datetime(2026, 11, 18, 9, tzinfo=UTC), 5
    )
    long = Coverage(datetime(2026, 11, 17, 9, tzinfo=UTC), MORNING, 1)
    content = edition(pictured=False)
    assert content.lead is not None
    week = replace(
        content,
        lead=replace(content.lead, coverage=ran),
        top=(EditionSection("motor", (EditionStory(article(9, "A race"), coverage=long),)),),
        span=Span.WEEK,
    )
    lines = [each for each in plain(sent(renderer, week).parts[0]).split("\n") if each]
    assert lines[0] == "The lead · and 4 more stories"
    assert lines[2] == "The week in five stories: Style, Motor and Gucci."
    assert any("Mon–Wed, 5 sources" in each for each in lines)
    text = "".join(lines)
    assert text.index("The lead") < text.index("A race") < text.index("A car")
    in_italian = plain(sent(renderer, week, language="it").parts[0])
    assert "lun–mer, 5 fonti" in in_italian
    assert "17–24 nov, 1 fonte" in in_italian


def test_an_edition_has_a_masthead_a_lead_sections_and_a_footer(renderer: Renderer) -> None:
    assert plain(sent(renderer, edition()).parts[0]) == (
        "The lead · and 3 more stories\n"
        "ON News · Tuesday 24 November · one\u2011minute\u00a0read\n"
        "Good morning. Four stories: Style, Motor and Gucci.\n\n"
        "STYLE\n1\u2002What happened. —\u00a0WWD, also in Vogue and GQ\n\n"
        "Motor\n2\u2002A car\nWhat happened. —\u00a0WWD\n\n"
        "Gucci\n3\u2002A bag\nWhat happened. —\u00a0WWD\n\n"
        "4\u2002A shoe\nWhat happened. —\u00a0WWD\n\n"
        "More: Motor (7)"
    )


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("en", "Prada buys Versace for 1.25 billion euros · and 8 more stories"),
        ("it", "Prada buys Versace for 1.25 billion euros · e altre 8 notizie"),
        ("zh", "Prada buys Versace for 1.25 billion euros · 另有8则"),
    ],
)
def test_a_notification_shows_the_lead_and_how_many_more(
    renderer: Renderer, language: str, line: str
) -> None:
    title = "Prada buys Versace for 1.25 billion euros"
    cars = tuple(EditionStory(article(number, "A car")) for number in range(2, 10))
    content = Edition(
        EditionStory(article(1, title)), (EditionSection("motor", cars),), lead_category="style"
    )
    for layout in (Layout.SUMMARIES, Layout.HEADLINES):
        text = plain(sent(renderer, content, layout=layout, language=language).parts[0])
        assert text[:80].startswith(f"{line}\n")
        assert text.count(title) == (2 if layout is Layout.HEADLINES else 1)


def test_a_story_older_than_a_day_has_its_day(renderer: Renderer) -> None:
    days = {
        "new": MORNING - timedelta(hours=23),
        "Sunday": MORNING - timedelta(hours=32.5),
        "Saturday": datetime(2026, 11, 21, tzinfo=UTC),
        "16 Nov": MORNING - timedelta(days=8),
    }
    cars = tuple(
        EditionStory(article(number, f"A {day} car", published=at))
        for number, (day, at) in enumerate(days.items(), start=2)
    )
    content = Edition(EditionStory(article(1, "The lead")), (EditionSection("motor", cars),))
    message = renderer.edition(
        content,
        language="en",
        layout=Layout.HEADLINES,
        zone="America/New_York",
        now=MORNING,
    )
    lines = plain(message.parts[0]).split("\n")
    assert [line for line in lines if " car " in line] == [
        "2\u2002A new car —\u00a0WWD",
        "3\u2002A Sunday car —\u00a0WWD\u00a0· Sunday",
        "4\u2002A Saturday car —\u00a0WWD\u00a0· Saturday",
        "5\u2002A 16 Nov car —\u00a0WWD\u00a0· 16 Nov",
    ]


def test_an_evening_edition_says_so_and_how_long_it_takes(renderer: Renderer) -> None:
    long = tuple(
        EditionStory(article(number, "headline " * 8, standfirst="words " * 100))
        for number in range(2, 12)
    )
    content = replace(edition(), sections=(EditionSection("motor", long),))
    mastheads = [
        plain(
            sent(renderer, content, language=language, now=MORNING.replace(hour=hour)).parts[0]
        ).split("\n")[1]
        for language, hour in (("en", 7), ("en", 19), ("it", 19), ("zh", 19), ("en", 2))
    ]
    assert mastheads == [
        "ON News · Tuesday 24 November · three\u2011minute\u00a0read",
        "ON News · Tuesday 24 November · evening edition · three\u2011minute\u00a0read",
        "ON News · martedì 24 novembre · edizione serale · lettura:\u00a0tre\u00a0minuti",
        "ON News · 11月24日星期二 · 晚间简报 · 阅读约三分钟",
        "ON News · Tuesday 24 November · three\u2011minute\u00a0read",
    ]


def test_the_reading_time_is_that_of_what_a_layout_shows(renderer: Renderer) -> None:
    long = tuple(
        EditionStory(article(number, "headline " * 8, standfirst="words " * 100))
        for number in range(2, 12)
    )
    content = replace(edition(), sections=(EditionSection("motor", long),))
    filled = replace(
        content,
        sections=(
            EditionSection("motor", long[:2]),
            EditionSection(STILL_WORTH, long[2:], left_out=9),
        ),
        still=8,
    )
    for each in (content, filled):
        times = [
            plain(sent(renderer, each, layout=layout).parts[0]).split("\n")[1].split(" · ")[-1]
            for layout in (Layout.SUMMARIES, Layout.HEADLINES)
        ]
        page = renderer.front_pages.page(each, language="en", zone="Europe/Rome", now=MORNING)
        assert page is not None
        assert times == ["three\u2011minute\u00a0read", "one\u2011minute\u00a0read"]
        assert " · two\u2011minute\u00a0read" in "".join(page.blocks[1])


def test_the_leads_section_is_marked_more_strongly_than_the_others(renderer: Renderer) -> None:
    for language, lead, section in (
        ("en", "<b>STYLE</b>", "<b>Motor</b>"),
        ("zh", "<b>【时尚】</b>", "<b>汽车</b>"),
    ):
        text = sent(renderer, edition(), language=language).parts[0]
        assert f"\n{lead}\n" in text
        assert f"\n{section}\n" in text


def test_chinese_has_no_italics(renderer: Renderer) -> None:
    assert "<i>" in sent(renderer, edition()).parts[0]
    assert "<i>" not in sent(renderer, edition(), language="zh").parts[0]


def test_an_edition_of_headlines_has_one_rule_for_the_lead_and_the_others(
    renderer: Renderer,
) -> None:
    message = sent(renderer, edition(), layout=Layout.HEADLINES, language="it")
    assert plain(message.parts[0]).endswith(
        "Stile\n1\u2002The lead —\u00a0WWD (inglese), anche su Vogue e GQ\n\n"
        "Motori\n2\u2002A car —\u00a0WWD (inglese)\n\nGucci\n3\u2002A bag —\u00a0WWD (inglese)\n"
        "4\u2002A shoe —\u00a0WWD (inglese)\n\nAncora: Motori (7)"
    )


def test_a_list_of_headlines_names_the_leads_category_once(renderer: Renderer) -> None:
    content = replace(edition(), lead_category="motor")
    text = plain(sent(renderer, content, layout=Layout.HEADLINES).parts[0])
    assert (
        "Motor\n1\u2002The lead —\u00a0WWD, also in Vogue and GQ\n2\u2002A car —\u00a0WWD\n\nGucci"
        in text
    )
    text = plain(sent(renderer, content).parts[0])
    assert "MOTOR\n1\u2002What happened. " in text
    assert "Vogue and GQ\n\n2\u2002A car" in text


def test_without_a_standfirst_the_source_follows_the_headline(renderer: Renderer) -> None:
    bare = Edition(
        EditionStory(article(1, "The lead", standfirst="")),
        (EditionSection("motor", (EditionStory(article(2, "A car", standfirst="A car")),)),),
        lead_category="gucci",
    )
    assert plain(sent(renderer, bare).parts[0]).endswith(
        "GUCCI\n1\u2002—\u00a0WWD\n\nMotor\n2\u2002A car —\u00a0WWD"
    )


@pytest.mark.parametrize(
    ("count", "language", "greeting"),
    [
        (1, "en", "Good morning. One story: Style."),
        (1, "it", "Buongiorno. Una notizia: Stile."),
        (12, "en", "Good morning. Twelve stories: Style and Motor."),
        (12, "it", "Buongiorno. Dodici notizie: Stile e Motori."),
        (13, "en", "Good morning. 13 stories: Style and Motor."),
        (13, "it", "Buongiorno. 13 notizie: Stile e Motori."),
    ],
)
def test_stories_are_counted_in_words_up_to_twelve(
    renderer: Renderer, count: int, language: str, greeting: str
) -> None:
    others = tuple(EditionStory(article(number, "A car")) for number in range(2, count + 1))
    sections = (EditionSection("motor", others),) if others else ()
    content = Edition(EditionStory(article(1, "The lead")), sections, lead_category="style")
    assert plain(sent(renderer, content, language=language).parts[0]).split("\n")[2] == greeting


def test_a_catch_up_counts_and_names_its_stories_too(renderer: Renderer) -> None:
    for language, greeting in (
        ("en", "Since the last edition, four stories: Style, Motor and Gucci."),
        ("it", "Dall’ultima edizione, quattro notizie: Stile, Motori e Gucci."),
    ):
        message = sent(renderer, edition(), language=language, catch_up=True)
        assert greeting in message.parts[0]


def test_a_greeting_names_three_categories_or_all_four(renderer: Renderer) -> None:
    china, art = (
        EditionSection(slug, (EditionStory(article(number, "A mall")),))
        for number, slug in ((5, "china"), (6, "art"))
    )
    four, five = (
        replace(edition(), sections=(*edition().sections, *more))
        for more in ((china,), (china, art))
    )
    for content, language, names in (
        (four, "en", "Style, Motor, Gucci and China."),
        (four, "it", "Stile, Motori, Gucci e Cina."),
        (five, "en", "Style, Motor, Gucci and more."),
        (five, "it", "Stile, Motori, Gucci e altre categorie."),
    ):
        assert f": {names}" in sent(renderer, content, language=language).parts[0]


def test_stories_left_out_of_many_categories_are_counted_together(renderer: Renderer) -> None:
    lead = EditionStory(article(1, "The lead"))
    others = tuple(
        EditionSection(slug, (), count)
        for slug, count in zip(
            ("motor", "china", "gucci", "kering", "a", "b", "c"), range(9, 2, -1), strict=True
        )
    )
    for language, line in (
        ("en", "More: Motor (9), China (8), Gucci (7), Kering (6), A (5), other categories (7)"),
        (
            "it",
            "Ancora: Motori (9), Cina (8), Gucci (7), Kering (6), A (5), altre categorie (7)",
        ),
    ):
        message = sent(renderer, Edition(lead, others, lead_category="style"), language=language)
        assert plain(message.parts[0]).endswith(line)
    six = sent(renderer, Edition(lead, others[:6], lead_category="style"))
    assert plain(six.parts[0]).endswith("A (5), B (4)")


def test_stories_without_a_category_are_still_shown(renderer: Renderer) -> None:
    content = Edition(
        EditionStory(article(1, "The lead")),
        (EditionSection("", (EditionStory(article(2, "A car")),)),),
    )
    assert plain(sent(renderer, content).parts[0]).endswith(
        "Good morning. Two stories.\n\n"
        "1\u2002What happened. —\u00a0WWD\n\n2\u2002A car\nWhat happened. —\u00a0WWD"
    )
    greetings = {
        "en": "Good morning. Two stories.",
        "it": "Buongiorno. Due notizie.",
        "es": "Buenos días. Dos noticias.",
        "fr": "Bonjour. Deux articles à lire.",
        "zh": "早上好。两则新闻。",
    }
    for language, greeting in greetings.items():
        shown = plain(sent(renderer, content, language=language).parts[0]).split("\n")
        assert shown[2] == greeting
        page = renderer.front_pages.page(content, language=language, zone="UTC", now=MORNING)
        assert page is not None
        assert f'"{greeting}"' in "".join(page.blocks[2])


def test_the_leads_picture_is_above_the_text_or_else_its_page(renderer: Renderer) -> None:
    assert sent(renderer, edition()).preview == Preview("https://example.com/1.jpg")
    assert sent(renderer, edition(pictured=False)).preview == Preview("https://example.com/1")


def test_an_edition_without_stories_is_one_line(renderer: Renderer) -> None:
    message = sent(renderer, Edition(None, ()))
    assert plain(message.parts[0]).endswith("Nothing new today.")
    assert message.preview is None


@pytest.mark.parametrize(
    ("language", "greetings"),
    [
        ("en", {"evening": (17, 22), "morning": (3, 10), "afternoon": (11, 16)}),
        # In Spain the evening begins later.
        ("es", {"Buenos días": (7,), "Buenas tardes": (12, 18), "Buenas noches": (19,)}),
    ],
)
def test_the_greeting_matches_the_readers_local_hour(
    renderer: Renderer, language: str, greetings: dict[str, tuple[int, ...]]
) -> None:
    for greeting, hours in greetings.items():
        for hour in hours:
            now = MORNING.replace(hour=hour)
            text = plain(sent(renderer, edition(), language=language, now=now).parts[0])
            assert text.split("\n")[2].partition(".")[0].endswith(greeting), hour


@pytest.mark.parametrize(
    ("language", "begins"),
    [
        ("en", "Two stories: "),
        ("it", "Due notizie: "),
        ("es", "Dos noticias: "),
        ("fr", "Deux articles à lire\u202f: "),
        ("zh", "两则新闻："),
    ],
)
def test_nobody_is_greeted_at_night(renderer: Renderer, language: str, begins: str) -> None:
    one, two = (EditionStory(article(number, f"Story {number}")) for number in (1, 2))
    made = Edition(one, (EditionSection("motor", (two,)),), lead_category="style")
    for hour in (23, 2):
        now = MORNING.replace(hour=hour)
        line = plain(sent(renderer, made, language=language, now=now).parts[0]).split("\n")[2]
        assert line.startswith(begins)
        page = renderer.front_pages.page(made, language=language, zone="Europe/Rome", now=now)
        assert page is not None
        assert f'"{begins}' in "".join(page.blocks[2])


def test_a_long_edition_is_split_between_stories(renderer: Renderer) -> None:
    long = tuple(
        EditionStory(article(number, "headline " * 20, standfirst="words " * 100))
        for number in range(1, 41)
    )
    message = sent(renderer, Edition(None, (EditionSection("motor", long),)))
    assert len(message.parts) > 2
    assert all(units(plain(part)) <= UNITS for part in message.parts)
    assert sum(part.count("<a href=") for part in message.parts) == 40 + 1
    assert all(part.endswith("—\u00a0<i>WWD</i>") for part in message.parts)


def test_a_heading_is_never_split_from_its_first_story(renderer: Renderer) -> None:
    sections = tuple(
        EditionSection("motor", (EditionStory(article(n, "headline " * 30)),)) for n in range(40)
    )
    message = sent(renderer, Edition(None, sections))
    assert len(message.parts) > 2
    assert not any(plain(part).endswith("Motor") for part in message.parts)
    assert all(plain(part).startswith("Motor\n") for part in message.parts[1:])


def test_a_single_story_has_no_number_in_a_text(renderer: Renderer) -> None:
    single = Edition(EditionStory(article(1, "The lead")), (), lead_category="style")
    text = plain(sent(renderer, single).parts[0])
    assert text.startswith("The lead\nON News · ")
    assert "STYLE\nWhat happened. " in text


def test_a_second_reader_reuses_the_rendered_pieces() -> None:
    rendered: list[str] = []

    def fragment(template: str, _language: str, /, **_values: object) -> str:
        rendered.append(template)
        return "<b>x</b>"

    editions = EditionRenderer(
        fragment, lambda slugs, language, *, most: f"{language} {slugs[:most]}"
    )
    for zone in ("Europe/Rome", "Europe/Paris"):
        editions.edition(
            edition(),
            language="en",
            layout=Layout.SUMMARIES,
            zone=zone,
            now=MORNING,
            catch_up=False,
        )
    assert rendered.count("edition_story") == len(edition().stories) - 1
    assert rendered.count("edition_masthead") == rendered.count("edition_footer") == 1


def test_an_edited_headline_is_rendered_again() -> None:
    renderer = Renderer(CATEGORIES)
    content = edition()
    assert "The lead" in sent(renderer, content).parts[0]
    lead = EditionStory(article(1, "The corrected lead"))
    assert "The corrected lead" in sent(renderer, replace(content, lead=lead)).parts[0]


def test_a_new_bot_name_is_used_in_cached_pieces() -> None:
    renderer = Renderer(CATEGORIES)
    assert "t.me" not in sent(renderer, edition()).parts[0]
    renderer.username = "OnNewsBot"
    assert "https://t.me/OnNewsBot" in sent(renderer, edition()).parts[0]


def test_the_number_of_cached_pieces_is_limited() -> None:
    pieces: LruCache[str, str] = LruCache(2)
    for key in ("a", "b", "a", "c"):
        pieces.get_or_make(key, lambda: "first")
    assert pieces.get_or_make("a", lambda: "second") == "first"
    assert pieces.get_or_make("b", lambda: "second") == "second"
    assert len(pieces) == 2


def join(blocks: list[tuple[str, Piece]]) -> tuple[str, ...]:
    return tuple("".join(part) for part in packed(blocks))


def test_empty_pieces_are_left_out() -> None:
    blank = piece("")
    assert join([("", piece("a")), ("\n\n", blank), ("\n", piece("b"))]) == ("a\nb",)


def test_a_piece_that_opens_the_next_part_shares_it_with_those_behind() -> None:
    half, third = piece("h" * 2_048), piece("t" * 1_365)
    parts = join([("\n", half), ("\n", half), ("\n", third), ("\n", third), ("\n", third)])
    assert parts == (half.html, f"{half.html}\n{third.html}", f"{third.html}\n{third.html}")


def test_a_piece_too_large_for_a_part_is_split() -> None:
    parts = join([("", piece("a")), ("\n", piece("<b>" + "word " * 1_500)), ("\n", piece("z"))])
    assert [units(plain(part)) <= UNITS for part in parts] == [True] * len(parts)
    assert parts[0] == "a"
    assert parts[-1].endswith("z")


def test_a_piece_is_measured_in_telegrams_units() -> None:
    assert piece(" <b>a &amp; 💎</b> ") == Piece("<b>a &amp; 💎</b>", 6, 1, 19)
