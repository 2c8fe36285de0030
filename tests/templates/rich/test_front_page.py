"""The front page: its layout, its limits, and blocks that are made once."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.rich import validate
from storage.model import Coverage, Edition, EditionSection, EditionStory, Layout, Show, Span
from templates import Renderer
from templates.markup.text import units
from templates.rich import blocks
from templates.rich.front_page import LARGEST, pictured
from templates.rich.page_blocks import Figures
from tests.plugins.archive import there
from tests.templates.contexts import CATEGORIES, MORNING, article
from tests.templates.hostile import links, texts
from tests.templates.telegram_parser import assert_telegram_takes

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from templates import RichMessage

LEADS_PICTURE = "https://example.com/1.jpg"


def edition(**changes: Any) -> Edition:  # noqa: ANN401 - fields
    content = Edition(
        EditionStory(article(1, "The lead", image=LEADS_PICTURE), also_in=("Vogue", "GQ")),
        (
            EditionSection(
                "motor",
                (EditionStory(article(2, "A car"), also_in=("A", "B", "C")),),
                left_out=2,
                more=(EditionStory(article(8, "A van")), EditionStory(article(9, "A bus"))),
            ),
            EditionSection(
                "gucci",
                (
                    EditionStory(article(3, "A bag", standfirst="", image="https://e.example/3")),
                    EditionStory(article(4, "A shoe")),
                    EditionStory(article(5, "A belt")),
                ),
            ),
            EditionSection("china", (), 1, (EditionStory(article(7, "A shop")),)),
        ),
        lead_category="style",
    )
    return replace(content, **changes)


def laid_out(
    renderer: Renderer,
    content: Edition,
    *,
    language: str = "en",
    now: datetime = MORNING,
    catch_up: bool = False,
    pictures: Mapping[str, str] | None = None,
    figures: Figures | None = None,
    private: bool = True,
) -> list[dict[str, Any]]:
    page = renderer.front_pages.page(
        content,
        language=language,
        zone="Europe/Rome",
        now=now,
        catch_up=catch_up,
        pictures=pictures,
        figures=figures,
        private=private,
    )
    assert page is not None
    return blocks_of(page)


def blocks_of(page: RichMessage) -> list[dict[str, Any]]:
    message = json.loads("".join(page.pieces))
    assert message["skip_entity_detection"] is True
    found: list[dict[str, Any]] = message["blocks"]
    return found


def words(text: Any) -> str:  # noqa: ANN401 - RichText
    if isinstance(text, str):
        return text
    return "".join(map(words, text)) if isinstance(text, list) else words(text["text"])


def drawn(page: list[dict[str, Any]]) -> list[str]:
    """Return the blocks as lines, such as `heading 1: Tuesday 24 November`."""
    lines = []
    for block in page:
        size = f" {block['size']}" if "size" in block else ""
        shown = block.get("text") or block.get("summary") or block.get("caption", {}).get("text")
        lines.append(f"{block['type']}{size}: {words(shown)}" if shown else block["type"])
        lines += [f"  {line}" for line in drawn(block.get("blocks", []))]
    return lines


def test_a_front_page_reads_like_a_newspapers(renderer: Renderer) -> None:
    page = laid_out(
        renderer,
        edition(),
        pictures={LEADS_PICTURE: "AAA", "https://e.example/3": "BBB"},
        figures=Figures(57, MORNING - timedelta(days=1)),
    )
    assert drawn(page) == [
        "heading 2: The lead · and 4 more stories",
        "paragraph: Tuesday 24 November · one\u2011minute\u00a0read",
        "paragraph: Good morning. Five stories: Style, Motor and Gucci.",
        "photo: Photo: WWD",
        "paragraph: 1 · STYLE · What happened. —\u00a0WWD, also in Vogue and GQ",
        "divider",
        "heading 3: Motor",
        "paragraph: 2\u2002A car\nWhat happened. —\u00a0WWD, also in A, B and one other",
        "details: Motor: 2 more stories",
        "  paragraph: A van —\u00a0WWD",
        "  paragraph: A bus —\u00a0WWD",
        "heading 3: Gucci",
        "photo: Photo: WWD",
        "paragraph: 3\u2002A bag\nWWD",
        "paragraph: 4\u2002A shoe\nWhat happened. —\u00a0WWD",
        "paragraph: 5\u2002A belt\nWhat happened. —\u00a0WWD",
        "details: China: one more story",
        "  paragraph: A shop —\u00a0WWD",
        "footer: 57 sources since yesterday 08:00 · not what you wanted? Settings\n@OnNewsBot",
    ]


def test_headlines_are_bold_and_linked_with_their_numbers_before_them(renderer: Renderer) -> None:
    page = laid_out(renderer, edition())
    lead = {"type": "url", "text": "The lead", "url": "https://example.com/1"}
    assert page[0] == {"type": "heading", "text": [lead, " · and 4 more stories"], "size": 2}
    assert page[3]["text"][0] == {"type": "bold", "text": "1 · STYLE"}
    link = {"type": "url", "text": "A car", "url": "https://example.com/2"}
    assert page[6]["text"][0] == {"type": "bold", "text": ["2\u2002", link]}
    assert page[7]["blocks"][0]["text"] == [
        {"type": "url", "text": "A van", "url": "https://example.com/8"},
        " —\u00a0WWD",
    ]


def test_left_out_stories_of_a_section_unfold_below_it(renderer: Renderer) -> None:
    content = edition()
    motor, gucci, china = content.sections
    bags = tuple(EditionStory(article(n, f"Bag {n}")) for n in (10, 11))
    content = replace(content, sections=(china, motor, gucci._replace(left_out=2, more=bags)))
    headed = [
        line for line in drawn(laid_out(renderer, content)) if line.startswith(("heading 3", "d"))
    ]
    assert headed == [
        "divider",
        "heading 3: Motor",
        "details: Motor: 2 more stories",
        "heading 3: Gucci",
        "details: Gucci: 2 more stories",
        "details: China: one more story",
    ]


def test_a_missing_picture_is_left_out(renderer: Renderer) -> None:
    assert pictured(edition()) == (LEADS_PICTURE, "https://e.example/3")
    assert pictured(edition(), private=False) == (LEADS_PICTURE, "https://e.example/3")
    lead = EditionStory(article(1, "The lead", image=LEADS_PICTURE, pictures=Show.PRIVATE))
    assert pictured(edition(lead=lead))[0] == LEADS_PICTURE
    assert pictured(edition(lead=lead), private=False) == ("https://e.example/3",)
    never = EditionStory(article(1, "The lead", image=LEADS_PICTURE, pictures=Show.NO))
    assert pictured(edition(lead=never)) == ("https://e.example/3",)
    with_one = laid_out(renderer, edition(), pictures={LEADS_PICTURE: "AAA"})
    assert [block["type"] for block in with_one].count("photo") == 1
    assert [block["type"] for block in laid_out(renderer, edition())].count("photo") == 0


def test_a_picture_is_shown_once(renderer: Renderer) -> None:
    section = EditionSection(
        "motor", tuple(EditionStory(article(n, f"A {n}", image=LEADS_PICTURE)) for n in (2, 3, 4))
    )
    page = laid_out(renderer, edition(sections=(section,)), pictures={LEADS_PICTURE: "AAA"})
    assert [block["type"] for block in page].count("photo") == 1


def test_a_page_has_four_pictures_at_most(renderer: Renderer) -> None:
    sections = tuple(
        EditionSection(
            f"s{n}",
            tuple(
                EditionStory(article(9 * n + k, "x", image=f"https://e.example/{n}"))
                for k in range(3)
            ),
        )
        for n in range(8)
    )
    content = edition(sections=sections)
    pictures = {f"https://e.example/{n}": f"F{n}" for n in range(8)} | {LEADS_PICTURE: "AAA"}
    assert len(pictured(content)) == LARGEST.media
    page = laid_out(renderer, content, pictures=pictures)
    assert [block["type"] for block in page].count("photo") == LARGEST.media


def test_private_pictures_take_no_room_on_a_groups_page(renderer: Renderer) -> None:
    shows = [Show.PRIVATE] * LARGEST.media + [Show.YES]
    sections = tuple(
        EditionSection(
            f"s{n}",
            tuple(
                EditionStory(article(9 * n + k, "x", image=f"https://e.example/{n}", pictures=show))
                for k in range(3)
            ),
        )
        for n, show in enumerate(shows)
    )
    content = edition(lead=EditionStory(article(99, "The lead")), sections=sections)
    pictures = {f"https://e.example/{n}": f"F{n}" for n in range(len(shows))}
    for private, expected in ((True, ["F0", "F1", "F2", "F3"]), (False, ["F4"])):
        page = laid_out(renderer, content, pictures=pictures, private=private)
        photos = [block["photo"]["media"] for block in page if block["type"] == "photo"]
        assert photos == expected


def test_a_page_lists_its_pictures(renderer: Renderer) -> None:
    page = renderer.front_pages.page(
        edition(),
        language="en",
        zone="Europe/Rome",
        now=MORNING,
        pictures={LEADS_PICTURE: "AAA", "https://e.example/9": "never shown"},
    )
    assert page is not None
    ((place, address),) = page.pictures
    assert address == LEADS_PICTURE
    assert blocks_of(page)[place]["photo"]["media"] == "AAA"
    bare = renderer.front_pages.page(edition(), language="en", zone="Europe/Rome", now=MORNING)
    assert page.without_pictures() == bare


def test_a_page_names_the_leads_section_once(renderer: Renderer) -> None:
    page = drawn(laid_out(renderer, edition(lead_category="gucci")))
    assert page[3] == "paragraph: 1 · What happened. —\u00a0WWD, also in Vogue and GQ"
    assert [line for line in page if "gucci" in line.casefold()] == [
        "paragraph: Good morning. Five stories: Gucci and Motor.",
        "heading 3: Gucci",
    ]
    # Without a heading below, the lead's own line names it.
    page = drawn(laid_out(renderer, edition(lead_category="china")))
    assert page[3].startswith("paragraph: 1 · CHINA · ")


def test_a_single_story_has_no_number(renderer: Renderer) -> None:
    page = laid_out(renderer, edition(sections=()))
    assert drawn(page)[:4] == [
        "heading 2: The lead",
        "paragraph: Tuesday 24 November · one\u2011minute\u00a0read",
        "paragraph: Good morning. One story: Style.",
        "paragraph: STYLE · What happened. —\u00a0WWD, also in Vogue and GQ",
    ]


def test_an_edition_without_stories_makes_no_page(renderer: Renderer) -> None:
    page = renderer.front_pages.page(
        Edition(None, ()), language="en", zone="Europe/Rome", now=MORNING
    )
    assert page is None


def test_a_catch_up_page_names_itself_as_one(renderer: Renderer) -> None:
    page = laid_out(renderer, edition(), catch_up=True)
    assert drawn(page)[2].endswith("Since the last edition, five stories: Style, Motor and Gucci.")


@pytest.mark.parametrize(
    ("figures", "wording"),
    [
        (Figures(), "Not what you wanted? Settings"),
        (Figures(1), "Chosen from one source · not what you wanted? Settings"),
        (Figures(3, MORNING - timedelta(hours=2)), "3 sources since 06:00 today · "),
        (Figures(3, MORNING - timedelta(days=3)), "3 sources since Saturday 21 November, 08:00 · "),
    ],
)
def test_the_last_line_has_the_known_figures(
    renderer: Renderer, figures: Figures, wording: str
) -> None:
    assert words(laid_out(renderer, edition(), figures=figures)[-1]["text"]).startswith(wording)


def test_the_last_line_of_every_page_is_the_bots_name(renderer: Renderer) -> None:
    for private in (True, False):
        for figures in (Figures(), Figures(2)):
            last = laid_out(renderer, edition(), private=private, figures=figures)[-1]
            assert last["type"] == "footer"
            assert words(last["text"]).split("\n")[-1] == "@OnNewsBot"
            assert "'url': 'https://t.me/OnNewsBot'" in str(last)


def test_a_last_line_without_figures_begins_with_a_capital(renderer: Renderer) -> None:
    last = laid_out(renderer, edition(), language="es", figures=Figures())[-1]
    assert words(last["text"]).startswith("¿No es lo que buscabas? Ajustes")


def test_a_page_of_a_bot_without_a_name_may_have_no_last_line() -> None:
    page = laid_out(Renderer(CATEGORIES), edition(), private=False)
    assert page[-1]["type"] == "details"


def test_an_old_story_has_its_day_on_a_page(renderer: Renderer) -> None:
    old = EditionStory(article(2, "A car", published=MORNING - timedelta(hours=32.5)))
    page = laid_out(renderer, edition(sections=(EditionSection("motor", (old,)),)))
    assert "paragraph: 2\u2002A car\nWhat happened. —\u00a0WWD\u00a0· Sunday" in drawn(page)


def test_an_evening_page_says_so(renderer: Renderer) -> None:
    page = laid_out(renderer, edition(), now=MORNING.replace(hour=19))
    assert (
        drawn(page)[1]
        == "paragraph: Tuesday 24 November · evening edition · one\u2011minute\u00a0read"
    )


def long_edition(stories: int, *, title: str = "headline " * 30, more: int = 0) -> Edition:
    content = [
        EditionStory(article(n, f"{n} {title}", standfirst="Words. " * 90, source="S" * 90))
        for n in range(stories + more)
    ]
    left = tuple(content[stories:])
    return Edition(
        content[0],
        (EditionSection("motor", tuple(content[1:stories]), len(left), left),),
        lead_category="style",
    )


def test_if_space_is_short_the_last_stories_lose_their_standfirsts(renderer: Renderer) -> None:
    page = laid_out(renderer, long_edition(14))
    stories = [words(block["text"]) for block in page if "headline" in str(block.get("text"))]
    assert len(stories) == 14
    assert "Words." in stories[1]
    assert "Words." not in stories[-1]
    assert blocks.size_of(*page).within(LARGEST)


def test_left_out_stories_unfold_as_far_as_there_is_room(renderer: Renderer) -> None:
    page = laid_out(renderer, long_edition(8, more=10))
    (folded,) = (block for block in page if block["type"] == "details")
    assert folded["summary"] == "Motor: 10 more stories"
    assert (
        words(folded["blocks"][-1]["text"]) == f"and {10 - len(folded['blocks']) + 1} more stories"
    )
    assert 1 < len(folded["blocks"]) < 10
    assert blocks.size_of(*page).within(LARGEST)


def test_an_edition_too_long_for_any_page_makes_none(renderer: Renderer) -> None:
    content = long_edition(30)
    assert (
        renderer.front_pages.page(content, language="en", zone="Europe/Rome", now=MORNING) is None
    )


def test_a_page_may_have_six_thousand_characters_and_not_one_more(renderer: Renderer) -> None:
    def page(last: int) -> RichMessage | None:
        """Return a page whose last headline has this number of characters."""
        content = [EditionStory(article(n, "y" * 285, standfirst="")) for n in range(20)]
        end = EditionStory(article(99, "x" * last, standfirst=""))
        section = EditionSection("motor", (*content[1:], end))
        return renderer.front_pages.page(
            Edition(content[0], (section,), lead_category="style"),
            language="en",
            zone="Europe/Rome",
            now=MORNING,
        )

    short = there(page(1))
    room = LARGEST.characters - blocks.size_of(*blocks_of(short)).characters
    assert 0 < room < 290
    full = there(page(1 + room))
    assert blocks.size_of(*blocks_of(full)).characters == LARGEST.characters
    assert page(2 + room) is None


def test_a_second_reader_reuses_the_page(
    renderer: Renderer, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = renderer.front_pages.page(edition(), language="en", zone="Europe/Rome", now=MORNING)
    monkeypatch.setattr(blocks, "written", None)
    second = renderer.front_pages.page(edition(), language="en", zone="Europe/Paris", now=MORNING)
    assert first is not None
    assert second is not None
    shared = zip(first.pieces, second.pieces, strict=True)
    assert all(one is other for one, other in shared)


def test_an_edited_headline_or_bot_name_makes_a_new_page() -> None:
    renderer = Renderer(CATEGORIES)
    content = edition()
    assert "t.me" not in str(laid_out(renderer, content))
    renderer.username = "OnNewsBot"
    corrected = replace(content, lead=EditionStory(article(1, "The corrected lead")))
    page = str(laid_out(renderer, corrected))
    assert "https://t.me/OnNewsBot?start=settings" in page
    assert "The corrected lead" in page


def test_a_week_begins_with_its_biggest_stories_and_says_how_long_they_ran(
    renderer: Renderer,
) -> None:
    ran = Coverage(MORNING - timedelta(days=5), MORNING - timedelta(days=3), 5)
    biggest = EditionStory(article(6, "A sale"), also_in=("Vogue",), coverage=ran)
    content = edition(
        top=(EditionSection("gucci", (biggest,)),),
        sections=(EditionSection("motor", (EditionStory(article(2, "A car"), coverage=ran),)),),
        span=Span.WEEK,
    )
    assert drawn(laid_out(renderer, content))[2:-1] == [
        "paragraph: The week in three stories: Style, Gucci and Motor.",
        "paragraph: 1 · STYLE · What happened. —\u00a0WWD, also in Vogue and GQ",
        "heading 2: 2\u2002A sale",
        "paragraph: What happened. —\u00a0WWD\u00a0· Thu–Sat, 5 sources",
        "divider",
        "heading 3: Motor",
        "paragraph: 3\u2002A car\nWhat happened. —\u00a0WWD\u00a0· Thu–Sat, 5 sources",
    ]


def test_unchosen_stories_are_below_a_line_that_says_so(renderer: Renderer) -> None:
    page = drawn(laid_out(renderer, edition(added=3)))
    line = page.index("paragraph: That’s all for now from what you follow. Also in the news:")
    assert page[line + 1] == "heading 3: Gucci"
    assert [each[:14] for each in page[line + 2 : line + 5]] == [
        f"paragraph: {number}\u2002A" for number in (3, 4, 5)
    ]
    assert "Gucci" not in page[1]


def test_a_first_edition_of_what_has_no_news_says_so(renderer: Renderer) -> None:
    page = drawn(laid_out(renderer, edition(added=5)))
    assert "Gucci. Nothing new yet from what you follow. Here is some of the latest:" in page[2]
    assert not [each for each in page if "Also in the news" in each]


@st.composite
def hostile_editions(draw: st.DrawFn) -> Edition:
    images, many = st.none() | links(), st.lists(texts(), max_size=4)

    def story(number: int) -> EditionStory:
        image = draw(images)
        return EditionStory(
            article(
                number,
                draw(texts()),
                standfirst=draw(texts()),
                link=draw(links()),
                source=draw(texts()),
                image=image,
            ),
            also_in=tuple(draw(many)),
        )

    counts = st.integers(0, 4)
    sections = []
    number = 1
    for category in ("motor", "no-longer-here", "\u200b"):
        shown, left = draw(counts), draw(counts)
        stories = [story(number + n) for n in range(shown + left)]
        number += shown + left
        sections.append(
            EditionSection(category, tuple(stories[:shown]), left, tuple(stories[shown:]))
        )
    return Edition(
        story(number), tuple(sections), lead_category=draw(st.sampled_from(("", "style", "china")))
    )


@given(hostile_editions(), st.sampled_from(("en", "it")))
def test_a_page_is_within_limits_whatever_sources_write(
    renderer: Renderer, content: Edition, language: str
) -> None:
    pictures = dict.fromkeys(pictured(content), "AgACAgQAAx")
    page = laid_out(renderer, content, language=language, pictures=pictures)
    size = blocks.size_of(*page)
    seen = validate(page)
    assert size.within(LARGEST)
    assert (size.blocks, size.depth, size.media) == (seen.blocks, seen.depth, seen.media)
    assert size.characters >= seen.characters
    assert size.characters == sum(units(words(text)) for text in _texts(page))
    assert all(words(text).strip() for text in _texts(page))


@given(hostile_editions(), st.sampled_from(("en", "it")), st.sampled_from(list(Layout)))
def test_telegram_accepts_any_sources_text_in_every_layout(
    renderer: Renderer, content: Edition, language: str, layout: Layout
) -> None:
    message = renderer.edition(
        content, language=language, layout=layout, zone="Europe/Rome", now=MORNING
    )
    for part in message.parts:
        assert_telegram_takes(part)


def _texts(page: list[dict[str, Any]]) -> list[Any]:
    found = []
    for block in page:
        found += [block[name] for name in ("text", "summary") if name in block]
        found += [block["caption"]["text"]] if "caption" in block else []
        found += _texts(block.get("blocks", []))
    return found
