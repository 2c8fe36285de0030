"""Callback data: valid data round-trips, and all else is rejected."""

from __future__ import annotations

import string
import sys
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram import CallbackQuery, Update, User

from handlers.register import TAPS
from handlers.taps.callback_codec import (
    MOST,
    MOST_BYTES,
    StaleTap,
    Tap,
    base36,
    code_of,
    fields_of,
    from_base36,
)
from handlers.taps.callback_data import (
    AllReports,
    AskWord,
    ChangeForm,
    FirstEdition,
    KeepForm,
    LeftOut,
    More,
    MoreOfCard,
    OpenCard,
    OpenManaged,
    OpenMatter,
    OpenSheet,
    Read,
    Sheet,
    ShowCategory,
    WhyThese,
)
from news.filing import taxonomy

IN_CHATS = Path(__file__).with_name("buttons_in_chats.txt").read_text(encoding="utf-8").split()
"""Data of every kind of readers' button that was sent until December 2026; never remove any."""
SHORTER_NOW = {"gt:0": "sm"}
"""Data in chats → what a new button with the same tap has."""


def every(kind: type[Tap] = Tap) -> list[type[Tap]]:
    """Return every kind of tap that a button can carry."""
    below = [each for one in kind.__subclasses__() for each in every(one)]
    # A dataclass with slots replaces a first class, which may still be there.
    current = getattr(sys.modules[kind.__module__], kind.__name__) is kind
    return [kind, *below] if kind.codes and current else below


KINDS = sorted(every(), key=lambda each: each.__name__)


def values_of(kind: type) -> st.SearchStrategy[Any]:
    if kind is bool:
        return st.booleans()
    if kind is int:
        return st.integers(0, MOST)
    if issubclass(kind, StrEnum):
        return st.sampled_from(list(kind))
    return st.text(string.ascii_letters + string.digits + "-_/+", max_size=40)


@pytest.mark.parametrize(("kind", "code"), [(kind, code) for kind in KINDS for code in kind.codes])
def test_packed_taps_are_read_back_and_fit_telegrams_limit(kind: type[Tap], code: str) -> None:
    last = kind.codes[code]
    shown = fields_of(kind)[: len(kind.fields) - len(last)]

    @given(st.tuples(*(values_of(each) for each in shown)))
    def check(values: tuple[Any, ...]) -> None:
        tap = kind(*values, *last)
        data = tap.pack()
        assert len(data.encode()) <= MOST_BYTES
        assert kind.matches(data)
        assert kind.unpack(data) == tap

    check()


@given(st.text(max_size=64))
def test_unknown_callback_data_is_stale_and_raises_nothing_else(rest: str) -> None:
    for kind in KINDS:
        for data in (rest, *(f"{code}:{rest}" for code in kind.codes)):
            try:
                tap = kind.unpack(data)
            except StaleTap:
                continue
            again = tap.pack()
            assert again == data or code_of(again) != code_of(data)
            assert kind.unpack(again) == tap


@pytest.mark.parametrize("data", IN_CHATS)
def test_every_button_that_stands_in_a_chat_still_works(data: str) -> None:
    query = CallbackQuery("1", User(1, "Ana", is_bot=False), "1", data=data)
    (handler,) = (each for each in TAPS if each.check_update(Update(1, callback_query=query)))
    (kind,) = (each for each in KINDS if code_of(data) in each.codes)
    assert handler.pattern == kind.matches
    assert kind.unpack(data).pack() == SHORTER_NOW.get(data, data)


@pytest.mark.parametrize(
    ("data", "tap"),
    [
        ("ar:7", AllReports(7)),
        ("at:7:f", AllReports(7, 15, turn=True)),
        ("mo:7", OpenMatter(7)),
        ("mp:7:a", OpenMatter(7, 10, turn=True)),
        ("ea", KeepForm(front_page=False)),
        ("eb:7", ChangeForm(7, front_page=False)),
        ("ec", ChangeForm(0, front_page=False)),
        ("ef:0", ChangeForm(0, front_page=True)),
        ("ef:7", ChangeForm(7, front_page=True)),
        ("eg", KeepForm(front_page=True)),
        ("em:7", LeftOut(7)),
        ("eo", LeftOut()),
        ("ep:7:0", LeftOut(7, 0, turn=True)),
        ("fp", FirstEdition(post=True)),
        ("fv", FirstEdition(post=False)),
        ("gt:1", OpenManaged(1)),
        ("m:7", More(7)),
        ("mt:7:0", More(7, 0, turn=True)),
        ("s:a:2", OpenSheet(Sheet.ALERTS, 2)),
        ("sm", OpenManaged()),
        ("sn:y", OpenSheet(Sheet.LAYOUT, below=True)),
        ("sw", AskWord(mute=True)),
        ("wa", AskWord(mute=False)),
    ],
)
def test_one_kind_with_several_codes_keeps_what_each_meant(data: str, tap: Tap) -> None:
    assert type(tap).unpack(data) == tap
    assert tap.pack() == data


def test_every_tap_has_a_code_of_its_own_and_a_handler() -> None:
    codes = [code for kind in KINDS for code in kind.codes]
    assert len(set(codes)) == len(codes)
    for code in codes:
        query = CallbackQuery("1", User(1, "Ana", is_bot=False), "1", data=f"{code}:1")
        assert sum(bool(each.check_update(Update(1, callback_query=query))) for each in TAPS) == 1


def largest_of(kind: type) -> Any:  # noqa: ANN401 - a value of any field
    """Return the value of a field that takes most characters."""
    if issubclass(kind, StrEnum):
        return max(kind, key=len)
    return True if kind is bool else MOST if kind is int else ""


def test_every_category_fits_on_every_button_that_carries_one() -> None:
    slugs = taxonomy.load().categories
    for kind in KINDS:
        if "category" in kind.fields:
            largest = {
                name: largest_of(hint)
                for name, hint in zip(kind.fields, fields_of(kind), strict=True)
            }
            for slug in slugs:
                assert kind(**{**largest, "category": slug}).pack()


@given(st.integers(0, MOST))
def test_each_number_has_one_encoding(number: int) -> None:
    assert from_base36(base36(number)) == number


@pytest.mark.parametrize("text", ["", "00", "-1", "A", "zzzzzz", "1 ", "٣"])
def test_malformed_numbers_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no id in base 36"):
        from_base36(text)


def test_a_tap_has_exactly_the_fields_of_its_kind() -> None:
    assert Read(1, page=2, turn=True) == Read(article=1, page=2, turn=True)
    assert hash(WhyThese()) == hash(WhyThese(0)) != hash(WhyThese(7))
    assert repr(WhyThese(7)) == "WhyThese(delivery=7)"
    assert MoreOfCard(1) != OpenCard(1)
    for values in ((), (1,), (1, 2, True, 4)):
        with pytest.raises(TypeError, match="Read has the fields"):
            Read(*values)
    for named in ({"article": 2}, {"else": 2}):
        with pytest.raises(TypeError, match="OpenCard has the fields"):
            OpenCard(1, **named)
    with pytest.raises(AttributeError, match="cannot be changed"):
        OpenCard(1).article = 2  # type: ignore[misc]  # as a careless caller would


def test_a_value_that_does_not_fit_button_data_is_refused_when_packed() -> None:
    with pytest.raises(ValueError, match="no button has"):
        More(1, 7, turn=False).pack()
    with pytest.raises(ValueError, match="negative"):
        OpenCard(-1).pack()
    with pytest.raises(ValueError, match="cannot be part"):
        ShowCategory("a:b").pack()
    with pytest.raises(ValueError, match="cannot be part"):
        ShowCategory("x" * 49).pack()
