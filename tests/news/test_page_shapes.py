"""Article pages of shapes met in the wild: where readers answer, and where words stand loose."""

from __future__ import annotations

import pytest

from tests.news.test_page_bodies import HOME, PS, TEXT, TITLE, WHOLE, read

ANSWERS = tuple(
    f"In my view number {number} the lake is far too cold a place for a bench of enamellers, and "
    "whoever doubts it may come and see ours, which has stood in the hills since my grandmother."
    for number in range(12)
)
LONGER = f"{PS}<p>{TEXT[0]} And again.</p><p>{TEXT[1]} And again.</p>"
WHOLE_LONGER = f"{WHOLE}\n\n{TEXT[0]} And again.\n\n{TEXT[1]} And again."


@pytest.mark.parametrize(
    "answers",
    [
        "<h2 id=comments>12 Comments</h2><ol id=commentlist>{}</ol>",
        "<div id=comments><h2>Readers' Comments (12)</h2><ol class=all>{}</ol></div>",
        "<div class=forum><div class=box><h2>12 commentaires</h2><ul class=fil>{}</ul></div></div>",
        "<div id=comentarios><div class=lista><ol>{}</ol></div></div>",
        "<div class=foot><div class=reader_comments><ul>{}</ul></div></div>",
    ],
)
def test_what_readers_answer_is_no_text_however_much_it_is(answers: str) -> None:
    said = "".join(f"<li><p>{one}</p></li>" for one in ANSWERS)
    page = f"<div id=wrap><h1>#T</h1><div class=post>{LONGER}</div>{answers.format(said)}</div>"
    assert read(page).body == WHOLE_LONGER


def test_a_page_of_answers_alone_is_read() -> None:
    said = "".join(f"<p>{one}</p>" for one in ANSWERS)
    assert read(f"<h1>#T</h1><div class=comments>{said}</div>").body == "\n\n".join(ANSWERS)


def test_a_word_within_a_sentence_heads_nothing() -> None:
    sentence = "What she called <span>comments</span> on the slow pace of the bench were praise."
    body = read(f"<article><h1>#T</h1>{PS}<p>{sentence}</p></article>").body
    assert body.endswith("What she called comments on the slow pace of the bench were praise.")


def test_words_that_stand_loose_behind_a_block_are_a_paragraph() -> None:
    said = "“Slow on purpose, and for good,” as she put it."
    quote = f"<div class=Quote><div class=text>{said}</div></div>"
    body = read(
        f"<article><h1>#T</h1><div class=copy><p>#0</p><br><br>{quote}#1 <a href=/x>So</a> it is."
        "<br><br>#2<div class=box><img src=/a.jpg></div>#3</div></article>"
    ).body
    assert body.split("\n\n") == [
        TEXT[0],
        said,
        f"{TEXT[1]} So it is.",
        TEXT[2],
        TEXT[3],
    ]


def test_the_only_article_is_the_text_beside_cards_of_others() -> None:
    card = "<div class=card><h3><a href=/a>Another piece</a></h3><p>{}</p></div>"
    cards = "".join(card.format(one[:90]) for one in ANSWERS[:4])
    body = read(
        f"<header><div><h1>#T</h1></div></header><main><article class=rich>{LONGER}</article>"
        f"<div class=list><h2>Further in the pursuit of time</h2>{cards}</div></main>"
    ).body
    assert body == WHOLE_LONGER


def test_a_headline_is_known_by_its_letters_where_its_spaces_differ() -> None:
    page = read(
        "<nav><ul><li><h1>Business</h1></li></ul></nav><article><header><h2><span>Interview"
        " </span>: <span>#T</span></h2><ul><li>-Updated on</li></ul></header>"
        f"{PS}</article>",
        head=f"<meta property=og:title content='Interview: {TITLE}'>",
        url=f"{HOME}/news/interview-1.html",
    )
    assert page.title == f"Interview: {TITLE}"
    assert page.body == WHOLE
