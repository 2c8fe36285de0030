"""Codes that name a sender, and marks that name nobody."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from handlers.stories.share_links import code_for, mark_of, sender_of
from handlers.taps.callback_codec import MOST

TOKEN = "1:token"
numbers = st.integers(min_value=1, max_value=MOST)


@given(numbers, numbers)
def test_a_code_names_its_sender_for_its_own_article_and_this_bot_alone(
    sender: int, article: int
) -> None:
    code = code_for(TOKEN, sender, article)
    assert len(code) == 16
    assert code.isascii()
    assert code.isalnum()
    assert sender_of(TOKEN, code, article) == sender
    assert sender_of(TOKEN, code, article - 1) is None
    assert sender_of("2:token", code, article) is None
    forged = ("B" if code[0] == "A" else "A") + code[1:]
    assert sender_of(TOKEN, forged, article) is None


@given(st.text(max_size=32))
def test_any_other_text_names_nobody(code: str) -> None:
    assert sender_of(TOKEN, code, 7) is None


@given(numbers)
def test_a_mark_is_the_same_for_one_person_and_link_and_has_sixteen_bits(person: int) -> None:
    assert mark_of(TOKEN, "a" * 10, person) == mark_of(TOKEN, "a" * 10, person)
    assert 0 <= mark_of(TOKEN, "a" * 10, person) < 1 << 16


def test_marks_do_not_follow_a_person_from_link_to_link() -> None:
    marks = {mark_of(TOKEN, f"{number:010}", 7) for number in range(100)}
    assert len(marks) > 90
    people = {mark_of(TOKEN, "a" * 10, person) for person in range(100)}
    assert len(people) > 90
