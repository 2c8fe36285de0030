from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from news.filing.tokenising.article_words import parts_of
from storage.articles.upsert_rules import words_of

LETTERS = st.sampled_from("éÈ’ı中か ab &½™…\u0327\n")


@given(st.text(LETTERS), st.text(LETTERS), st.integers(0, 400))
def test_the_words_to_be_searched_for_are_those_of_the_whole_article(
    title: str, sentence: str, times: int
) -> None:
    body = (f"{sentence} x" * times).strip()

    words = words_of(title, sentence, body)
    assert parts_of(title, sentence, body).tokens == (words.title, words.standfirst, words.body)


def test_a_body_is_read_for_filing_up_to_a_whole_word() -> None:
    parts = parts_of("Title", "", "An opening.\n\n" + "boutiques " * 400)

    assert parts.opening.words == " an opening "
    assert set(parts.body.words.split()) == {"boutiques"}
    assert len(parts.body.original) < 1_500
    assert parts.tokens[2].count("boutiques") == 400
