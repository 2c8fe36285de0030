"""An article as a rich message: how its body is laid out, and where it is cut. Blocks: what the
builders reject, and what is counted.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.rich import validate
from storage.model.body_model import BlockKind, Body
from templates import Renderer, RichMessage
from templates.rich import blocks
from templates.rich.article_page import LARGEST, LONGEST, article_page
from templates.rich.blocks import Size, size_of
from tests.templates.contexts import CATEGORIES, article
from tests.templates.hostile import links, texts

if TYPE_CHECKING:
    from storage.model import Article

NOW = datetime(2026, 11, 26, 9, tzinfo=UTC)
SPEAKING = Renderer(CATEGORIES, username="OnNewsBot")
STORY = replace(
    article(1, "Prada buys Versace", image="https://cdn.example/1.jpg", source="FT"),
    author="Anna Rossi",
    published=NOW,
)
BODY = Body(
    "Prada has bought it.\n\nWhat it paid\n\nA billion.\n\nWe admire it.\n\nIt stays.\n\n"
    "\u2022 Milan\n\n\u2022 Couture\n\nFirst\n\nThen\n\nThe end.",
    "phpqquuoop",
)


def page(
    body: Body,
    *,
    story: Article = STORY,
    renderer: Renderer | None = None,
    language: str = "en",
    picture: str | None = None,
) -> RichMessage:
    return article_page(
        story,
        body,
        renderer or SPEAKING,
        language=language,
        zone="Europe/Rome",
        now=NOW,
        picture=picture,
    )


def blocks_of(message: RichMessage) -> list[dict[str, Any]]:
    content = json.loads("".join(message.pieces))
    assert content["skip_entity_detection"] is True
    found: list[dict[str, Any]] = content["blocks"]
    return found


def paragraphs(blocks: list[dict[str, Any]]) -> list[str]:
    return [block["text"] for block in blocks if block["type"] == "paragraph"][1:]


def test_a_body_is_laid_out_as_its_source_did(renderer: Renderer) -> None:
    blocks = blocks_of(page(BODY, renderer=renderer))
    assert [block["type"] for block in blocks] == [
        *("heading", "paragraph"),
        *("paragraph", "heading", "paragraph", "blockquote", "list", "list", "paragraph"),
        "footer",
    ]
    assert blocks[0] == {"type": "heading", "text": "Prada buys Versace", "size": 1}
    assert blocks[1]["text"] == "FT · Anna Rossi · 26 Nov, 10:00"
    assert blocks[3] == {"type": "heading", "text": "What it paid", "size": 3}
    assert [each["text"] for each in blocks[5]["blocks"]] == ["We admire it.", "It stays."]
    plain, numbered = blocks[6]["items"], blocks[7]["items"]
    assert [each["blocks"][0]["text"] for each in plain] == ["Milan", "Couture"]
    assert [each["type"] for each in numbered] == ["1", "1"]
    assert blocks[-1]["text"] == {"type": "url", "text": "Read it at FT", "url": STORY.link}
    validate(blocks)


def test_an_available_picture_is_below_the_headline(renderer: Renderer) -> None:
    message = page(BODY, renderer=renderer, picture="AgACAgQ")
    photo = blocks_of(message)[2]
    assert photo["photo"] == {"type": "photo", "media": "AgACAgQ"}
    assert photo["caption"] == {"text": "Photo: FT"}
    assert message.pictures == ((2, "https://cdn.example/1.jpg"),)
    without = message.without_pictures()
    assert blocks_of(without) == blocks_of(page(BODY, renderer=renderer))


def test_an_article_page_uses_the_readers_language(renderer: Renderer) -> None:
    blocks = blocks_of(page(BODY, renderer=renderer, language="it", picture="AgACAgQ"))
    assert blocks[1]["text"] == "FT (inglese) · Anna Rossi · 26 nov, 10:00"
    assert blocks[2]["caption"] == {"text": "Foto: FT"}
    assert blocks[-1]["text"]["text"] == "Leggi su FT"
    long = Body("\n\n".join(["Parole e parole. " * 60] * 60))
    end = blocks_of(page(long, renderer=renderer, language="it"))[-1]
    assert end["text"]["text"]["text"] == "Continua su FT"


def test_a_long_body_is_cut_between_two_blocks_and_goes_on_at_its_source(
    renderer: Renderer,
) -> None:
    content = [f"Paragraph {number}: {'words and ' * 60}end." for number in range(60)]
    blocks = blocks_of(page(Body("\n\n".join(content)), renderer=renderer))
    shown = paragraphs(blocks)[:-1]
    assert shown == content[: len(shown)]
    assert 10 < len(shown) < 60
    assert blocks[-1]["text"]["text"] == {
        "type": "url",
        "text": "Continue at FT",
        "url": STORY.link,
    }
    size = validate(blocks)
    assert LARGEST.characters - 1_500 < size.characters <= LARGEST.characters


def test_an_article_page_shows_as_many_blocks_as_fit(renderer: Renderer) -> None:
    kinds = "u" * 400
    blocks = blocks_of(page(Body("\n\n".join("abcdefghij" * 40), kinds), renderer=renderer))
    size = validate(blocks)
    assert LARGEST.blocks - 120 < size.blocks <= LARGEST.blocks
    assert blocks[-1]["text"]["text"]["text"] == "Continue at FT"


def test_a_body_that_just_fits_is_not_cut(renderer: Renderer) -> None:
    def last(number: int) -> str:
        body = Body("\n\n".join(["x" * 1_000] * 11 + ["y" * number]))
        return str(blocks_of(page(body, renderer=renderer))[-1]["type"])

    fits = [number for number in range(800, 1_000, 10) if last(number) == "footer"]
    assert fits == list(range(800, max(fits) + 10, 10))
    assert 800 < max(fits) < 990


def test_a_cut_body_does_not_end_with_a_heading(renderer: Renderer) -> None:
    blocks = blocks_of(page(Body("One.\n\nPart\n\nPart two", "phh"), renderer=renderer))
    assert [block["type"] for block in blocks] == ["heading", "paragraph", "paragraph", "footer"]
    long = Body("\n\n".join(["x " * 600, "Part"] * 20), "ph" * 20)
    assert blocks_of(page(long, renderer=renderer))[-2]["type"] == "paragraph"


def test_the_headline_is_not_repeated(renderer: Renderer) -> None:
    blocks = blocks_of(page(Body("PRADA BUYS VERSACE\n\nOne."), renderer=renderer))
    assert paragraphs(blocks) == ["One."]


def test_a_text_in_one_piece_is_shown_in_several(renderer: Renderer) -> None:
    body = Body("A sentence of some words. " * 200)
    shown = paragraphs(blocks_of(page(body, renderer=renderer)))
    assert len(shown) == 3
    assert all(len(text) <= LONGEST and text.endswith(".") for text in shown)
    assert " ".join(shown) == body.text.strip()


bodies = st.lists(
    st.tuples(
        texts().map(lambda text: " ".join(text.split("\n\n")) or "x"), st.sampled_from(BlockKind)
    ),
    max_size=30,
).map(Body.of)


stories = st.builds(
    lambda title, name, link: replace(STORY, title=title, source=name, author=name, link=link),
    texts(),
    texts(),
    links(),
)


@given(bodies, stories, st.sampled_from(("en", "it")), st.sampled_from((None, "AgACAgQ-_9")))
def test_telegram_accepts_a_page_of_any_sources_text(
    body: Body, story: Article, language: str, picture: str | None
) -> None:
    message = page(body, story=story, language=language, picture=picture)
    size = validate(blocks_of(message))
    assert size.characters <= LARGEST.characters
    assert size.blocks <= LARGEST.blocks
    assert size.media == (picture is not None)
    validate(blocks_of(message.without_pictures()))


def test_texts_come_out_clean_and_strings_side_by_side_as_one() -> None:
    assert blocks.paragraph("a\x00b", "", "\u202ec", blocks.bold("d")) == {
        "type": "paragraph",
        "text": ["abc", {"type": "bold", "text": "d"}],
    }


@pytest.mark.parametrize("nothing", ["", " ", "\u200b\ufeff", "\x00"])
def test_invisible_text_makes_no_block(nothing: str) -> None:
    assert blocks.paragraph(nothing) is None
    assert (
        blocks.heading(1, blocks.bold(nothing), blocks.link(nothing, "https://a.example")) is None
    )
    assert blocks.footer(nothing) is None
    assert blocks.quotation([blocks.paragraph(nothing)]) is None
    assert blocks.listing([[blocks.paragraph(nothing)]]) is None
    assert "caption" not in blocks.photo("file", nothing)


@pytest.mark.parametrize(
    "url",
    [
        None,
        "",
        "/relative",
        "//a.example/x",
        "javascript:alert(1)",
        "tg://user?id=1",
        "mailto:a@b.c",
    ],
)
def test_only_absolute_web_links_are_kept_in_blocks(url: str | None) -> None:
    assert blocks.link("words", url) == "words"


def test_a_link_of_the_web_is_kept() -> None:
    assert blocks.link("words", " HTTPS://a.example/?x=1&y=2 ") == {
        "type": "url",
        "text": "words",
        "url": "HTTPS://a.example/?x=1&y=2",
    }


def test_visible_text_is_counted_and_addresses_are_not() -> None:
    linked = blocks.bold("1 ", blocks.link("four", "https://a.example/long"))
    inner = blocks.there(blocks.paragraph(linked), blocks.divider())
    block: blocks.Block = {"type": "details", "summary": "three", "blocks": inner}
    assert size_of(block) == Size(characters=5 + 2 + 4, blocks=3, depth=4, media=0)
    assert size_of(blocks.photo("file", "by X")) == Size(4, 1, 1, 1)


def test_items_of_lists_and_quotations_count_as_blocks() -> None:
    item = [blocks.paragraph("one")]
    listed = blocks.listing([item, [blocks.paragraph("two"), None]], ordered=True)
    quoted = blocks.quotation([listed])
    assert listed is not None
    assert quoted is not None
    assert all(each["type"] == "1" for each in listed["items"])
    assert size_of(listed) == Size(6, 5, 3, 0)
    assert size_of(quoted) == Size(6, 6, 4, 0)


def test_emoji_count_as_telegrams_own_units_and_ideograms_once() -> None:
    block = blocks.paragraph("爱💎")
    assert block is not None
    assert size_of(block).characters == 3


def test_every_block_is_valid_and_counted_as_telegram_does() -> None:
    paragraph = blocks.paragraph(blocks.bold("b ", blocks.link("l", "https://a.example")), " t")
    page = blocks.there(
        blocks.heading(1, "h"),
        paragraph,
        blocks.photo("AgACAgQAAx", "by X"),
        blocks.divider(),
        blocks.listing([[paragraph], [paragraph, paragraph]], ordered=True),
        blocks.listing([[paragraph]]),
        blocks.quotation([paragraph, blocks.listing([[paragraph]])]),
        {"type": "details", "summary": "more", "blocks": [paragraph]},
        blocks.footer("end"),
    )
    seen, size = validate(page), size_of(*page)
    assert (size.characters, size.blocks, size.depth, size.media) == (
        seen.characters,
        seen.blocks,
        seen.depth,
        seen.media,
    )


def test_sizes_are_compared_in_every_dimension() -> None:
    most = Size(10, 3, 4, 1)
    assert most.within(most)
    for larger in (Size(11, 3, 4, 1), Size(10, 4, 4, 1), Size(10, 3, 5, 1), Size(10, 3, 4, 2)):
        assert not larger.within(most)


def test_removing_pictures_changes_nothing_else() -> None:
    text, picture = blocks.paragraph("text"), blocks.photo("file")
    assert text is not None
    message = RichMessage(
        tuple((blocks.written(each),) for each in (text, picture, text)),
        ((1, "https://a.example/1.jpg"),),
    )
    whole = json.loads("".join(message.pieces))
    bare = json.loads("".join(message.without_pictures().pieces))
    assert whole == {"blocks": [text, picture, text], "skip_entity_detection": True}
    assert bare == {"blocks": [text, text], "skip_entity_detection": True}
    assert message.without_pictures().pictures == ()
