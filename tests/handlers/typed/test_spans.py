"""Days ahead that editors type, in five languages."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.typed.parse_spans import month_named, read_span, read_typed_dates
from templates import Renderer
from templates.language.languages import languages

TODAY = date(2026, 12, 5)
APRIL = (date(2027, 4, 12), date(2027, 4, 17))
RENDERER = Renderer({})
NEW_YEAR = (date(2026, 12, 30), date(2027, 1, 2))


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("12\u201317 April", APRIL),
        ("April 12-17", APRIL),
        ("from 12 to 17 April", APRIL),
        ("dal 12 al 17 aprile", APRIL),
        ("del 12 al 17 de abril", APRIL),
        ("du 12 au 17 avril", APRIL),
        ("4月12日至17日", APRIL),
        ("4月12\u201317日", APRIL),
        ("12/4\u201317/4", APRIL),
        ("2027-04-12 to 2027-04-17", APRIL),
        ("1er\u20135 mai", (date(2027, 5, 1), date(2027, 5, 5))),
        ("April 12 to May 3", (date(2027, 4, 12), date(2027, 5, 3))),
        ("30 December\u20132 January", NEW_YEAR),
        ("30 déc.\u20132 janv.", NEW_YEAR),
        ("dal 30 dicembre al 2 gennaio", NEW_YEAR),
        ("12月30日至1月2日", NEW_YEAR),
        ("30 December 2027 - 2 January", (date(2027, 12, 30), date(2028, 1, 2))),
        ("31 December", (date(2026, 12, 31),) * 2),
        ("29 February", (date(2028, 2, 29),) * 2),
        ("26-29 Feb", (date(2028, 2, 26), date(2028, 2, 29))),
        ("1-5 December", (date(2026, 12, 1), TODAY)),
        ("1-4 December", (date(2027, 12, 1), date(2027, 12, 4))),
        ("tomorrow", (date(2026, 12, 6),) * 2),
        *((text, None) for text in ("17-12 April", "31 June", "99 April", "soon", "", "12", "-")),
    ],
)
def test_days_ahead_are_read(text: str, days: tuple[date, date] | None) -> None:
    assert read_span(text, "en", TODAY) == days


def test_days_that_began_last_year_are_read_on_new_years_day() -> None:
    assert read_span("30 December\u20132 January", "en", date(2027, 1, 1)) == NEW_YEAR


@pytest.mark.parametrize(
    "text", ["April 12\u201317, 2027, Milan, Salone", "12-17 April 2027，Milan， Salone"]
)
def test_what_is_behind_the_days_is_cut_at_commas(text: str) -> None:
    assert read_typed_dates(text, "en", TODAY) == (*APRIL, ("Milan", "Salone"))


@pytest.mark.parametrize("text", ["April 12\u201317, 1999", "12 April, 9999, Milan", ",", "x, y"])
def test_days_of_another_time_are_none(text: str) -> None:
    assert read_typed_dates(text, "en", TODAY) is None


@given(
    st.dates(date(2026, 12, 5), date(2033, 12, 31)),
    st.integers(0, 250),
    st.integers(0, 60),
    st.sampled_from(languages()),
)
def test_days_are_read_as_they_are_written(
    today: date, ahead: int, length: int, language: str
) -> None:
    first = today + timedelta(days=ahead)
    last = first + timedelta(days=length)
    written = RENDERER.span(first, last, language, today)
    assert read_span(written, language, today) == (first, last), written


@given(st.text(max_size=120), st.sampled_from(languages()))
def test_any_text_is_read_or_not(text: str, language: str) -> None:
    found = read_typed_dates(text, language, TODAY)
    assert found is None or found.first <= found.last


def test_months_are_known_by_their_names_in_any_language() -> None:
    months = [month_named(name, "en") for name in ("April", "abril", "avr.", "四月", "dicembre")]
    assert months == [4, 4, 4, 4, 12]
    assert month_named("Milan", "en") is None
