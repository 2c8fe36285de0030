"""Share codes that identify the sender, and opening marks that identify nobody."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from handlers.stories.sharing.share_links import code_for, mark_of, sender_of
from handlers.taps.callback_codec import MOST

TOKEN = "1:token"
numbers = st.integers(min_value=1, max_value=MOST)


@given(numbers, numbers)
def test_a_share_code_is_valid_for_its_article_and_this_bot_only(sender: int, article: int) -> None:
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
def test_a_malformed_share_code_names_no_sender(code: str) -> None:
    assert sender_of(TOKEN, code, 7) is None


@given(numbers)
def test_an_opening_mark_is_stable_and_has_sixteen_bits(person: int) -> None:
    assert mark_of(TOKEN, "a" * 10, person) == mark_of(TOKEN, "a" * 10, person)
    assert 0 <= mark_of(TOKEN, "a" * 10, person) < 1 << 16


def test_opening_marks_of_one_person_differ_between_links() -> None:
    marks = {mark_of(TOKEN, f"{number:010}", 7) for number in range(100)}
    assert len(marks) > 90
    people = {mark_of(TOKEN, "a" * 10, person) for person in range(100)}
    assert len(people) > 90
