"""The edition: how it reads, how it is split, and that pieces are rendered once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from storage.model import Coverage, Edition, EditionSection, EditionStory, Layout, Span
from templates import Renderer
from templates.editions import Press
from templates.fit import UNITS
from templates.message import Preview
from templates.pieces import Piece, Pieces, join, piece
from templates.text import units
from tests.templates.contexts import CATEGORIES, Sample
from tests.templates.telegram_parser import plain

if TYPE_CHECKING:
    from storage.model import Article
    from templates import Message

MORNING = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)


def article(number: int, title: str, **changes: object) -> Article:
    sample = Sample(title, f"https://example.com/{number}", MORNING).article(number)
    plain_words = {"standfirst": "What happened.", "source": "WWD", "image": None, "author": None}
    return replace(sample, **{**plain_words, **changes})  # type: ignore[arg-type]


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
    )


def sent(
    renderer: Renderer,
    told: Edition,
    *,
    layout: Layout = Layout.SUMMARIES,
    language: str = "en",
    now: datetime = MORNING,
    catch_up: bool = False,
) -> Message:
    return renderer.edition(
        told, language=language, layout=layout, zone="Europe/Rome", now=now, catch_up=catch_up
    )


def test_a_week_begins_with_its_biggest_stories_and_says_over_which_days_they_ran(
    renderer: Renderer,
) -> None:
    ran = Coverage(
        datetime(2026, 11, 15, 23, 30, tzinfo=UTC), datetime(2026, 11, 18, 9, tzinfo=UTC), 5
    )
    long = Coverage(datetime(2026, 11, 17, 9, tzinfo=UTC), MORNING, 1)
    told = edition(pictured=False)
    assert told.lead is not None
    week = replace(
        told,
        lead=replace(told.lead, coverage=ran),
        top=(EditionSection("motor", (EditionStory(article(9, "A race"), coverage=long),)),),
        span=Span.WEEK,
    )
    lines = [each for each in plain(sent(renderer, week).parts[0]).split("\n") if each]
    assert "5 stories" in lines[1]
    assert any("Mon–Wed, 5 sources" in each for each in lines)
    text = "".join(lines)
    assert text.index("The lead") < text.index("A race") < text.index("A car")
    in_italian = plain(sent(renderer, week, language="it").parts[0])
    assert "lun–mer, 5 fonti" in in_italian
    assert "17 nov–24 nov, 1 fonte" in in_italian


def test_an_edition_has_a_masthead_a_lead_sections_and_a_footer(renderer: Renderer) -> None:
    assert plain(sent(renderer, edition()).parts[0]) == (
        "ON News · Tuesday 24 November\n"
        "Good morning. 4 stories from what you follow.\n\n"
        "1. The lead\nWhat happened.\nWWD · also in Vogue, GQ\n\n"
        "Motor\n2. A car\nWhat happened.\nWWD\n\n"
        "Gucci\n3. A bag\nWhat happened.\nWWD\n\n"
        "4. A shoe\nWhat happened.\nWWD\n\n"
        "7 more in Motor"
    )


def test_an_edition_of_headlines_is_a_line_for_each_story(renderer: Renderer) -> None:
    message = sent(renderer, edition(), layout=Layout.HEADLINES, language="it")
    assert plain(message.parts[0]).endswith(
        "1. The lead\nWWD · anche su Vogue, GQ\n\n"
        "Motori\n2. A car · WWD\n\nGucci\n3. A bag · WWD\n4. A shoe · WWD\n\naltre 7 in Motori"
    )


def test_the_leads_picture_stands_above_the_text(renderer: Renderer) -> None:
    assert sent(renderer, edition()).preview == Preview("https://example.com/1.jpg")


def test_a_lead_without_a_picture_shows_its_page(renderer: Renderer) -> None:
    assert sent(renderer, edition(pictured=False)).preview == Preview("https://example.com/1")


def test_an_edition_without_stories_says_so_in_a_line(renderer: Renderer) -> None:
    message = sent(renderer, Edition(None, ()))
    assert plain(message.parts[0]).endswith("Nothing new today in what you follow.")
    assert message.preview is None


def test_a_catch_up_says_what_it_is(renderer: Renderer) -> None:
    assert "Since your last edition" in sent(renderer, edition(), catch_up=True).parts[0]


def test_the_greeting_goes_with_the_hour_where_the_reader_is(renderer: Renderer) -> None:
    greetings = {
        hour: plain(sent(renderer, edition(), now=MORNING.replace(hour=hour)).parts[0])
        .split("\n")[1]
        .split(".")[0]
        for hour in (2, 3, 10, 11, 16, 17)
    }
    assert greetings == {
        2: "Good evening",
        3: "Good morning",
        10: "Good morning",
        11: "Good afternoon",
        16: "Good afternoon",
        17: "Good evening",
    }


def test_a_long_edition_is_split_between_stories(renderer: Renderer) -> None:
    long = tuple(
        EditionStory(article(number, "headline " * 20, standfirst="words " * 100))
        for number in range(1, 41)
    )
    message = sent(renderer, Edition(None, (EditionSection("motor", long),)))
    assert len(message.parts) > 2
    assert all(units(plain(part)) <= UNITS for part in message.parts)
    assert sum(part.count("<a href=") for part in message.parts) == 40 + 1
    assert all(part.endswith("<i>WWD</i>") for part in message.parts)


def test_a_heading_goes_with_its_first_story(renderer: Renderer) -> None:
    sections = tuple(
        EditionSection("motor", (EditionStory(article(n, "headline " * 30)),)) for n in range(40)
    )
    message = sent(renderer, Edition(None, sections))
    assert len(message.parts) > 2
    assert not any(plain(part).endswith("Motor") for part in message.parts)
    assert all(plain(part).startswith("Motor\n") for part in message.parts[1:])


def test_a_single_story_bears_no_number(renderer: Renderer) -> None:
    single = Edition(EditionStory(article(1, "The lead")), ())
    assert "1." not in plain(sent(renderer, single).parts[0])


def test_a_second_reader_costs_no_rendering() -> None:
    rendered: list[str] = []

    def fragment(template: str, language: str, /, **_values: object) -> str:
        rendered.append(f"{template} {language}")
        return "<b>x</b>"

    press = Press(fragment)
    for zone in ("Europe/Rome", "Europe/Paris"):
        press.edition(
            edition(),
            language="en",
            layout=Layout.SUMMARIES,
            zone=zone,
            now=MORNING,
            catch_up=False,
        )
    assert rendered == [
        f"edition_{each} en"
        for each in ("masthead", "lead", "story", "section", "story", "section", "story", "footer")
    ]


def test_an_edited_headline_is_rendered_anew() -> None:
    renderer = Renderer(CATEGORIES)
    told = edition()
    assert "The lead" in sent(renderer, told).parts[0]
    lead = EditionStory(article(1, "The corrected lead"))
    assert "The corrected lead" in sent(renderer, replace(told, lead=lead)).parts[0]


def test_the_name_of_the_bot_reaches_what_was_rendered_before() -> None:
    renderer = Renderer(CATEGORIES)
    assert "t.me" not in sent(renderer, edition()).parts[0]
    renderer.username = "OnNewsBot"
    assert "https://t.me/OnNewsBot" in sent(renderer, edition()).parts[0]


def test_the_pieces_kept_are_bounded_and_the_oldest_go_first() -> None:
    pieces = Pieces(2)
    for key in ("a", "b", "a", "c"):
        pieces.get(key, lambda: "first")
    assert pieces.get("a", lambda: "second").html == "first"
    assert pieces.get("b", lambda: "second").html == "second"
    assert len(pieces) == 2


def test_pieces_without_words_are_left_out() -> None:
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


def test_a_piece_is_measured_as_telegram_counts() -> None:
    assert piece(" <b>a &amp; 💎</b> ") == Piece("<b>a &amp; 💎</b>", 6, 1, 19)
