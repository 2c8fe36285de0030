from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from storage.words import search_words
from storage.words.search_words import Phrase
from tests.plugins.archive import Archive

if TYPE_CHECKING:
    from storage.db.database import Database

HOSTILE = [
    '"',
    '""',
    "'",
    "''; DROP TABLE articles; --",
    "*",
    "watch*",
    "NEAR",
    "NEAR(watch gold, 3)",
    "watch NOT gold",
    "watch OR",
    "AND",
    "title : watch",
    "{title} : watch",
    "^watch",
    "watch + gold",
    "-watch",
    "watch & | ! ( ) : <->",
    "!watch",
    "((((",
    ":*",
    "watch:*A",
    "\\",
    "\\'",
    "%",
    "_",
    "%watch_",
    "¦",
    "\x00",
    "watch\x00gold",
    "\ud800",
    "\u202ewatch",
    ";",
    "$1 ? :query %s {0}",
    "🕰️",
    "a" * 5000,
    "watch " * 1000,
    "表" * 1000,
]


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("HERMÈS Ærø Łódź straße", "hermes aero lodz strasse"),
        ("Gucci古驰 ヴィトン", "gucci 古 驰 ヴ ィ ト ン"),
        ("ガカ 한국어", "ガ カ 한국어"),
        ("हिन्दी ภาษาไทย", "हिन्दी ภาษาไทย"),
    ],
)
def test_a_text_is_cut_into_words_and_ideographs_without_accents(text: str, tokens: str) -> None:
    assert search_words.tokens(text) == tokens.split(" ")


_OF_EVERY_SCRIPT = "".join(map(chr, (*range(1, 0x250), *range(0x1E00, 0x2200), 0xFB01, 0xFF21)))


@given(st.text() | st.text(st.sampled_from(_OF_EVERY_SCRIPT)))
@example(_OF_EVERY_SCRIPT)
@example(" ".join(_OF_EVERY_SCRIPT))
@example("Straße, cœur, ½ Æther, I\u0307stanbul, e\u0301te\u0301, soft\u00adhyphen")
def test_neighbouring_letters_do_not_change_a_token(text: str) -> None:
    # Texts in Latin letters alone are cut in another way, which has to come to the same.
    assert search_words.tokens(f"{text} \u4e2d") == [*search_words.tokens(text), "\u4e2d"]


def test_words_written_as_one_are_a_phrase_whose_last_word_may_be_a_prefix() -> None:
    assert search_words.phrases("D&G l'Oréal") == (
        Phrase(("d", "g"), prefix=False),
        Phrase(("l", "oreal"), prefix=True),
    )


def test_a_run_of_ideographs_is_a_phrase() -> None:
    assert search_words.phrases("古驰手袋LV ルイ・ヴィトン") == (
        Phrase(("古", "驰", "手", "袋"), prefix=False),
        Phrase(("lv",), prefix=False),
        Phrase(("ル", "イ", "ヴ", "ィ", "ト", "ン"), prefix=False),
    )


def test_one_or_two_letters_are_a_word_and_three_may_be_its_beginning() -> None:
    assert [phrase.prefix for phrase in search_words.phrases("a uk gol")] == [False, False, True]


def test_two_syllables_of_hangul_may_be_the_beginning_of_a_word() -> None:
    assert [phrase.prefix for phrase in search_words.phrases("샤 샤넬")] == [False, True]


def test_a_word_said_twice_is_searched_once() -> None:
    assert len(search_words.phrases("gold Gold GOLD")) == 1


def test_an_overlong_query_is_cut() -> None:
    query = search_words.phrases(" ".join(f"w{number}" for number in range(2000)))
    assert len(query) == search_words.MOST_PHRASES


@given(st.text())
@example("ᾳ")
@example("İ")
@example("ŉ")
def test_folding_twice_changes_nothing(text: str) -> None:
    once = search_words.fold(text)
    assert search_words.fold(once) == once


@given(st.text())
def test_tokens_contain_no_query_syntax(text: str) -> None:
    for token in search_words.tokens(text):
        assert not set(token) & set(" \t\n\0\"'\\*&|!():<>-+^{}%_¦,;?$")
        assert 1 <= len(token) <= search_words.LONGEST_TOKEN


@given(st.text(), st.text())
def test_a_muted_word_matches_the_text_that_contains_it(before: str, after: str) -> None:
    text = f"{before} Crème brûlée 香水 {after}"
    for word in ("creme BRÛLÉE", "香水"):
        assert f" {search_words.muted(word)} " in search_words.between(
            search_words.tokens(text), []
        )


async def test_a_search_matches_longer_words_by_prefix(archive: Archive) -> None:
    await archive.publish("Jaeger-LeCoultre shows new watches", "Chopard at Geneva")
    assert await archive.titles_for("watch") == ["Jaeger-LeCoultre shows new watches"]
    assert await archive.titles_for("watch jaeger") == ["Jaeger-LeCoultre shows new watches"]
    assert await archive.titles_for("watch chopard") == []


async def test_search_ignores_accents_and_case(archive: Archive) -> None:
    await archive.publish("Hermès opens in Zürich")
    for query in ("HERMES zurich", "hermès", "Zuri"):
        assert await archive.titles_for(query) == ["Hermès opens in Zürich"]


async def test_chinese_is_found_by_any_run_of_its_characters(archive: Archive) -> None:
    await archive.publish("古驰在上海发布新款手袋", "卡地亚珠宝展")
    for query in ("古驰", "上海发布", "手袋", "古驰 手袋"):
        assert await archive.titles_for(query) == ["古驰在上海发布新款手袋"]
    assert await archive.titles_for("驰古") == []


async def test_an_article_is_found_by_its_standfirst_and_its_body(archive: Archive) -> None:
    await archive.store(
        archive.article("One", standfirst="about perfume"),
        archive.article("Two", body="First paragraph.\n\nThen ambergris."),
    )
    assert await archive.titles_for("perfume") == ["One"]
    assert await archive.titles_for("ambergris") == ["Two"]


async def test_phrases_do_not_match_across_fields(archive: Archive) -> None:
    await archive.store(archive.article("Fendi casa", standfirst="nova in Rome"))
    assert await archive.titles_for("casa-nova") == []
    assert await archive.titles_for("fendi-casa") == ["Fendi casa"]


async def test_title_matches_rank_before_standfirst_and_body(archive: Archive) -> None:
    await archive.store(
        archive.article("In the title: tourbillon", minutes=1),
        archive.article("In the title of later: Tourbillons", minutes=2),
        archive.article("In the standfirst", standfirst="a tourbillon", minutes=8),
        archive.article("In the body", body="a tourbillon", minutes=9),
    )
    assert await archive.titles_for("tourbillon") == [
        "In the title of later: Tourbillons",
        "In the title: tourbillon",
        "In the standfirst",
        "In the body",
    ]


async def test_a_search_is_paged(archive: Archive) -> None:
    await archive.store(*(archive.article(f"Gold {n}", minutes=n) for n in range(5)))
    found = await archive.articles.search("gold", limit=2, offset=2)
    assert [article.title for article in found] == ["Gold 2", "Gold 1"]


async def test_a_search_keeps_to_the_languages_asked_for(archive: Archive) -> None:
    await archive.store(
        archive.article("Gold in English", language="en"),
        archive.article("Gold in italiano", language="it"),
        archive.article("Gold in no language"),
    )
    found = await archive.articles.search("gold", languages=frozenset({"it"}), limit=9)
    assert {article.title for article in found} == {"Gold in italiano", "Gold in no language"}


async def test_a_query_in_another_script_searches_its_languages(archive: Archive) -> None:
    await archive.store(
        archive.article("Chanel 徐家汇", language="zh"), archive.article("Chanel", language="zh")
    )
    for query, expected in (("徐家汇", 1), ("chanel 徐家", 1), ("chanel", 0)):
        found = await archive.articles.search(query, languages=frozenset({"en"}), limit=9)
        assert len(found) == expected, query


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("徐家汇", True),
        ("LV 大楼", True),
        ("ホテル", True),
        ("Шанель", True),
        ("루이비통", True),
        ("Hermès", False),
        ("Ấn œuvre Straße ½ ℃ №", False),
        ("C++", False),
        ("", False),
    ],
)
def test_a_non_latin_query_implies_its_languages(text: str, *, expected: bool) -> None:
    assert search_words.beyond_latin(text) is expected


@pytest.mark.parametrize("query", ["", "   ", "!?", '"', "\x00", "\ud800", "🕰️"])
async def test_an_empty_search_finds_nothing(archive: Archive, query: str) -> None:
    await archive.publish("Anything")
    assert await archive.titles_for(query) == []


async def test_no_query_is_interpreted_as_syntax(archive: Archive) -> None:
    await archive.publish("A gold watch, near and not or and")
    for query in HOSTILE:
        found = await archive.titles_for(query)
        if search_words.phrases(query) in {
            (Phrase(("watch",), prefix=True),),
            (Phrase(("watch",), prefix=True), Phrase(("gold",), prefix=True)),
        }:
            assert found == ["A gold watch, near and not or and"], query


async def test_both_databases_find_the_same(archive: Archive) -> None:
    """The expected result is computed from the tokens alone, so it is the same for both."""
    titles = [
        "Dolce & Gabbana's D&G line: 1,5 million!",
        "l'Oréal e-commerce 2.0 (beta) [sic] user@example.com",
        "http://example.com/path?x=1 -5e10 0x1F 1e5abc 3.14.15",
        "ルイ・ヴィトン×村上隆『新作』",
        "한국의 명품 시장",
        "ﬁne ﬂuﬀy ½ ² Ⅻ ℡ ㍿",
        "नया फ़ैशन สินค้าหรู ٣٤ العطور",
        "foo_bar a.b-c/d--e __init__",
    ]
    await archive.publish(*titles)
    for title in titles:
        for token in search_words.tokens(title):
            prefix = search_words.phrases(token)[0].prefix
            expected = {
                other
                for other in titles
                for candidate in search_words.tokens(other)
                if candidate == token or (prefix and candidate.startswith(token))
            }
            assert set(await archive.titles_for(token, limit=99)) == expected, token


async def test_any_title_can_be_stored_and_found(db: Database) -> None:
    archive = await Archive.on(db)
    titles = [title for title in HOSTILE if search_words.tokens(title)]
    await archive.publish(*titles)
    for title in titles:
        word = search_words.tokens(title)[0]
        assert await archive.titles_for(word, limit=99), title
