from __future__ import annotations

import pytest

from handlers.buttons.pages import Pages
from handlers.taps.callback_data import OpenManaged


def numbered(page: int, count: int, name: str = "A") -> list[tuple[str, str]]:
    row = Pages(page, count, 14).numbered(name, OpenManaged)
    return [(each.text, str(each.callback_data)) for each in row]


@pytest.mark.parametrize("count", [0, 1, 14])
def test_a_list_of_one_page_has_no_buttons_to_turn_it(count: int) -> None:
    assert numbered(0, count) == []


def test_each_page_leads_to_those_beside_it() -> None:
    first, second, third = (OpenManaged(page).pack() for page in range(3))
    assert numbered(0, 29) == [("A · 2/3", second)]
    assert numbered(1, 29) == [("A · 1/3", first), ("A · 3/3", third)]
    assert numbered(2, 29) == [("A · 2/3", second)]


def test_a_page_that_no_longer_exists_leads_back_to_the_last() -> None:
    assert numbered(7, 15) == [("A · 2/2", OpenManaged(1).pack())]


def test_names_that_a_phone_would_cut_off_leave_the_numbers() -> None:
    assert [label for label, _ in numbered(1, 29, "A" * 20)] == ["1/3", "3/3"]


def test_a_page_has_its_part_of_the_entries() -> None:
    assert [list(Pages(page, 5, 2).part(range(5))) for page in range(4)] == [
        [0, 1],
        [2, 3],
        [4],
        [],
    ]
