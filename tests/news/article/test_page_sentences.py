"""Sentences and captions of an article's page, in whatever elements they are."""

from __future__ import annotations

import pytest

from tests.news.article_pages import PS, TEXT, WHOLE, read


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("She said <q>we cut each dial <i>twice</i></q> and left.",
         "She said “we cut each dial twice” and left."),
        ("“Cut,” she said, <q>twice</q>.", "“Cut,” she said, “twice”."),
        ("The fair opens on <time>23 November</time> by the lake.",
         "The fair opens on 23 November by the lake."),
        ("The movement <code>C-7</code> has two barrels.", "The movement C-7 has two barrels."),
        ("She said <q>he told us <q>no</q> <code>C-7</code></q> and left.",
         "She said “he told us “no” C-7” and left."),
        ("<q>Twice</q>, she said, <q>or once</q>", "“Twice”, she said, “or once”"),
    ],
)  # fmt: skip
def test_short_quotations_times_and_codes_stay_in_their_sentence(line: str, text: str) -> None:
    body = read(f"<article><h1>#T</h1>{PS}<p>{line}</p></article>").body
    assert body == f"{WHOLE}\n\n{text}"


def test_the_captions_of_a_gallery_are_text() -> None:
    looks = [f"Look {number}. {TEXT[1]}" for number in range(6)]
    figures = "".join(
        f"<figure><img src=/{number}.jpg><figcaption>{look}</figcaption></figure>"
        for number, look in enumerate(looks)
    )
    body = read(f"<article><h1>#T</h1><p>#0</p>{figures}</article>").body
    assert body.split("\n\n") == [TEXT[0], *looks]


@pytest.mark.parametrize(
    "markup",
    [
        "<p>#0</p><div>#1</div><p>#2</p><div>#3</div>",
        "<p>#0</p><div class=css-1><div><span>#1</span></div></div><p>#2</p><center>#3</center>",
        "<p>#0</p><story-line>#1</story-line><p>#2</p><fieldset>#3</fieldset>",
    ],
)
def test_sentences_in_other_elements_than_paragraphs_are_text(markup: str) -> None:
    assert read(f"<article><h1>#T</h1>{markup}</article>").body == WHOLE


def test_words_in_the_box_of_a_picture_are_a_caption() -> None:
    seen = "The hall of the atelier, seen from the lake, with the benches of the forty watchmakers"
    box = f"<div class=media><div><img src=/a.jpg></div><div>{seen}</div></div>"
    markup = f"<article><h1>#T</h1><p>#0</p><p>#1</p>{box}<p>#2</p><p>#3</p></article>"
    assert read(markup).body == WHOLE


def test_a_value_stays_in_its_sentence() -> None:
    line = "<p>The price is <output>9,000</output> euros at the <label>door</label> of it.</p>"
    body = read(f"<article><h1>#T</h1>{PS}{line}</article>").body
    assert body == f"{WHOLE}\n\nThe price is 9,000 euros at the door of it."


def test_chinese_sentences_in_other_elements_are_text() -> None:
    sentence = "这家制表工坊位于湖畔，由品牌自己经营，共有四十名制表师、珐琅师和雕刻师在此工作。"
    markup = f"<article><h1>#T</h1><p>#0</p><p>#1</p><div>{sentence}</div><p>#2</p></article>"
    assert read(markup).body.split("\n\n") == [*TEXT[:2], sentence, TEXT[2]]
