"""The language of an article: a declaration outranks a guess. Our reader of py3langid's language
model.
"""

from __future__ import annotations

import gzip
import json
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from news import documents
from news.entry import Reading
from news.text.language import LANGUAGES, contradicts, detect, detect_all, model
from news.text.language_tag import code
from tests.news.conftest import NOW
from train.languages import FILE, loaded, packed


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Hermès apre una nuova boutique a Milano in via Montenapoleone", "it"),
        ("The house opens its largest boutique on the avenue this week", "en"),
        ("Louis Vuitton ouvre une nouvelle maison sur les Champs-Élysées", "fr"),
        ("Cartier abre su nueva tienda en el centro de Madrid", "es"),
        ("Dior eröffnet neuen Store in Berlin und zeigt die Kollektion", "de"),
        ("爱马仕在北京开设了新的旗舰店", "zh"),
        ("シャネルが銀座に新しい店舗をオープン", "ja"),
        ("ديور تفتتح متجرا", "ar"),
        ("دیور در تهران فروشگاه", None),
        ("גוצי בתל אביב", "he"),
        ("구찌, 서울에 새 매장", "ko"),
        ("กุชชี่เปิดร้าน", "th"),
        ("Νέα συλλογή Gucci", "el"),
        ("Rolex Submariner Patek Philippe Nautilus", None),
        ("Gucci 2026", None),
        ("", None),
        ("O novo relógio da marca não é para todos, mas a loja em Lisboa tem uma fila", "pt"),
        ("Brandet har åbnet en ny butik i København og det er den største i landet", "da"),
        ("Het merk opent een nieuwe winkel in Amsterdam en dat is de grootste van het land", "nl"),
    ],
)
def test_a_language_is_named_only_where_it_is_certain(text: str, language: str | None) -> None:
    assert detect(text) == language


@pytest.mark.parametrize(
    ("tag", "letters"),
    [("en-GB", "en"), ("zh_Hans", "zh"), ("IT", "it"), ("", None), (None, None), ("english", None)],
)
def test_a_language_tag_is_two_letters(tag: str | None, letters: str | None) -> None:
    assert code(tag) == letters


@pytest.mark.parametrize(
    ("operator", "feed", "language"), [("fr", "en", "fr"), (None, "en", "en"), (None, "", "it")]
)
def test_the_operator_outranks_the_feed_and_the_feed_a_guess(
    operator: str | None, feed: str, language: str
) -> None:
    document = (
        f"<rss version='2.0'><channel><title>T</title><language>{feed}</language><item>"
        "<title>Hermès apre una nuova boutique a Milano in via Montenapoleone</title>"
        "<link>https://example.com/1</link></item></channel></rss>"
    )
    parsed = documents.read(
        document.encode(), Reading("https://example.com/feed", language=operator), NOW
    )
    assert parsed.entries[0].language == language


ITALIAN = (
    "La maison ha aperto la sua nuova boutique nel centro di Milano con una festa per gli ospiti"
)
ENGLISH = "The house has opened its new boutique in the centre of Milan with a party for its guests"
GERMAN = "Das Haus hat seine neue Boutique im Zentrum von Mailand mit einem Fest eingeweiht"
CHINESE = "该品牌Gucci在米兰市中心开设了新的旗舰店，并举办了庆典"
JAPANESE = "シャネルが銀座に新しい店舗をオープンしました"


@pytest.mark.parametrize(
    ("text", "declared", "plainly"),
    [
        (ITALIAN, "en", True),
        (ENGLISH, "en", False),
        (GERMAN, "en", True),
        (ENGLISH, "it", True),
        (ITALIAN, "it", False),
        (CHINESE, "en", True),
        (CHINESE, "zh", False),
        (JAPANESE, "zh", True),
        (CHINESE, "ja", True),
        (JAPANESE, "ja", False),
        (ENGLISH, "zh", True),
        ("Gucci apre in via Montenapoleone", "en", False),
        ("Rolex Submariner Patek Philippe Nautilus Audemars Piguet", "it", False),
        ("Gucci 2026", "zh", False),
        (ENGLISH, "xx", False),
        ("Lexus zaprezentował nowego SUV-a z trzema rzędami i na baterie", "en", True),
    ],
)
def test_a_declared_language_is_overruled_only_by_a_clear_contradiction(
    text: str, declared: str, *, plainly: bool
) -> None:
    assert contradicts(text, declared) is plainly


def test_a_bilingual_feed_gets_a_language_for_each_article() -> None:
    items = "".join(
        f"<item><title>{text}</title><link>https://example.com/{number}</link></item>"
        for number, text in enumerate((ENGLISH, ITALIAN, CHINESE, "Gucci 2026"))
    )
    for tag in ("<language>en-us</language>", ""):
        document = f"<rss version='2.0'><channel><title>T</title>{tag}{items}</channel></rss>"
        parsed = documents.read(document.encode(), Reading("https://example.com/feed"), NOW)
        last = "en" if tag else None
        assert [one.language for one in parsed.entries] == ["en", "it", "zh", last]


def test_one_article_in_another_language_is_recognised() -> None:
    texts = [ENGLISH] * 6
    texts[1] = GERMAN
    assert detect_all(texts) == ["en", "de", "en", "en", "en", "en"]


def test_a_text_in_its_declared_language_needs_no_model(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_model() -> None:
        raise AssertionError("the model was asked")

    monkeypatch.setattr("news.text.language.model", no_model)
    texts = {"en": ENGLISH, "it": ITALIAN, "de": GERMAN, "zh": CHINESE, "ja": JAPANESE}
    assert not any(contradicts(text, named) for named, text in texts.items())


HEADLINES = Path(__file__).parents[1] / "labelled" / "headlines.jsonl"


@cache
def theirs() -> Any:  # noqa: ANN401 - the library is untyped
    return loaded()


def check_same(text: str) -> None:
    language, certainty = model().classify(text)
    expected, sure = theirs().classify(text)
    assert certainty == pytest.approx(sure, abs=1e-4), text
    # Two may be alike to the last digit.
    assert language == expected or certainty < 0.5, text


def test_headlines_get_the_language_that_py3langid_gives() -> None:
    titles = [json.loads(line)["title"] for line in HEADLINES.read_text().splitlines()]
    assert len(titles) >= 800
    for title in titles:
        check_same(title)
        check_same(title.upper())
    for first, second in pairwise(titles):
        check_same(f"{first} {second}"[:300])


@given(st.text(max_size=300))
def test_any_text_gets_the_language_that_py3langid_gives(text: str) -> None:
    check_same(text)


@pytest.mark.parametrize("text", ["", " ", "a", "1", "\ud800", "é" * 5_000, "the " * 5_000])
def test_empty_broken_and_long_texts_raise_nothing(text: str) -> None:
    language, certainty = model().classify(text)
    assert language in LANGUAGES
    assert 0 < certainty <= 1


def test_the_model_file_is_generated_from_py3langid() -> None:
    assert gzip.decompress(FILE.read_bytes()) == packed(theirs())
