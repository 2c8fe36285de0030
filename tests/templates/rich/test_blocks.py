"""Blocks: what the builders reject, and what is counted."""

from __future__ import annotations

import json

import pytest

from playground.rich import validate
from templates.markup.message import RichMessage
from templates.rich import blocks
from templates.rich.blocks import Size, size_of


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
