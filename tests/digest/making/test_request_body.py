from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from hypothesis import given
from hypothesis import strategies as st

from digest.making.pictures_ahead import PicturesAhead
from digest.making.request_body import LONGEST, prepare, prepare_rich
from storage.articles.pictures import Pictures
from storage.model import Layout, Show
from templates.markup.message import Preview, RichMessage
from tests.digest.conftest import CATEGORIES, Paper

if TYPE_CHECKING:
    from collections.abc import Sequence


def fields(body: bytes) -> dict[str, str]:
    read = parse_qs(body.decode("ascii"), strict_parsing=True, keep_blank_values=True)
    assert all(len(values) == 1 for values in read.values())
    return {name: values[0] for name, values in read.items()}


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_survives_form_encoding(text: str) -> None:
    body = prepare(text).body
    assert fields(body)["text"] == text
    assert body.isascii()
    assert body.decode().isprintable()


def test_picture_and_buttons_are_encoded_as_telegrams_json() -> None:
    read = fields(
        prepare(
            "A & B",
            preview=Preview("https://a.example/?x=1&y=2"),
            keyboard=('{"inline_keyboard":[', "]}"),
        ).body
    )
    assert read["parse_mode"] == "HTML"
    assert json.loads(read["link_preview_options"]) == {
        "url": "https://a.example/?x=1&y=2",
        "prefer_large_media": True,
        "show_above_text": True,
    }
    assert json.loads(read["reply_markup"]) == {"inline_keyboard": []}


def test_a_text_in_pieces_encodes_to_the_same_request() -> None:
    pieces = ("<b>A & B</b>", "\n\n", "<i>È 💎</i>", "")
    assert prepare("".join(pieces), pieces=pieces) == prepare("".join(pieces))


def test_without_a_picture_there_is_no_preview() -> None:
    assert json.loads(fields(prepare("x").body)["link_preview_options"]) == {"is_disabled": True}


def test_plain_text_has_the_words_and_the_addresses() -> None:
    plain = prepare('<b>A &lt; B</b> <a href="https://a.example/?x&amp;y">here</a>').plain()
    assert plain.text == "A < B here (https://a.example/?x&y)"
    assert "parse_mode" not in fields(plain.body)


def test_plain_text_fits_even_when_it_is_cut_within_a_pair() -> None:
    plain = prepare("x" * (LONGEST - 1) + "😀😀")
    assert len(plain.plain().text.encode("utf-16-le")) // 2 <= LONGEST


def test_a_rich_message_in_pieces_encodes_to_telegrams_json() -> None:
    message = RichMessage((('{"type":"paragraph","text":"A & B 💎"}',), ('{"type":', '"divider"}')))
    body = prepare_rich(message, keyboard=('{"inline_keyboard":[', "]}"))
    read = fields(body.body)
    assert body.method == "sendRichMessage"
    assert json.loads(read["rich_message"]) == {
        "blocks": [{"type": "paragraph", "text": "A & B 💎"}, {"type": "divider"}],
        "skip_entity_detection": True,
    }
    assert json.loads(read["reply_markup"]) == {"inline_keyboard": []}
    assert body.rich_message() == read["rich_message"]
    assert prepare("x").rich_message() == ""


def test_a_paid_message_uses_the_same_method() -> None:
    body = prepare_rich(RichMessage((('{"type":"divider"}',),)))
    assert body.paid().method == body.method
    assert fields(body.paid().body)["allow_paid_broadcast"] == "true"


async def test_pictures_are_prepared_for_each_language_and_kind_of_chat(paper: Paper) -> None:
    asked: list[str] = []

    async def prepare(addresses: Sequence[str]) -> int:
        asked.extend(addresses)
        return len(addresses)

    ahead = PicturesAhead(
        Pictures(paper.db),
        paper.deliveries,
        paper.articles,
        prepare,
        categories=CATEGORIES,
        edition_size=12,
    )
    english = await paper.article("A sale", "motor", source="Desk", image="https://p.example/en")
    await paper.article(
        "Una vendita",
        "motor",
        source="Quaderno",
        language="it",
        event=english,
        image="https://p.example/it",
    )
    quiet = await paper.source("Quiet")
    await paper.sources.set_use(quiet.id, pictures=Show.PRIVATE)
    await paper.article("A mill", "style", source="Quiet", image="https://p.example/private")

    await paper.reader(1, "motor", layout=Layout.FRONT_PAGE)
    await paper.reader(-2, "style", layout=Layout.FRONT_PAGE)
    assert await ahead.look(paper.time.now) == 1
    assert asked == ["https://p.example/en"]

    asked.clear()
    for number in (3, 4):
        await paper.reader(number, "motor", layout=Layout.FRONT_PAGE, language="it")
    await paper.reader(5, "style", layout=Layout.FRONT_PAGE)
    await ahead.look(paper.time.now)
    assert asked[0] == "https://p.example/it"
    assert sorted(asked[1:]) == ["https://p.example/en", "https://p.example/private"]
