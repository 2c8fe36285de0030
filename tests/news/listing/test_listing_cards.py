"""Cards of listing pages that say the same in each, or less to programs than to readers."""

from __future__ import annotations

import pytest

from tests.news.listing_pages import LINKED, NUMBERS, TITLE, each, entries_of, news, page


def test_what_a_link_is_called_is_its_title_where_readers_see_the_same() -> None:
    card = (
        f"<a class=c href='piece-#' title='{TITLE}'><time>0# November 2026</time><p>{TITLE}</p>"
        "<p>On the shore of the lake forty of its enamellers have now moved into one building, "
        "the first that it has run itself.</p></a>"
    )
    assert entries_of(page(each(card))) == [news(number) for number in NUMBERS]


@pytest.mark.parametrize(
    "picture",
    [
        "<img src='/m/transparent-109.png' style=\"background-image:url('/i/#.jpg')\">",
        "<img src='/m/spacer.gif'><i style='background:url(/i/#.jpg)'></i>",
        "<img src='/m/placeholder.gif' data-srcset='/i/#.jpg 1x'>",
    ],
)
def test_an_empty_picture_stands_in_for_the_painted_one(picture: str) -> None:
    card = f"<li>{picture}<h3>{LINKED}</h3><time>0# November 2026</time></li>"
    images = [entry.image for entry in page(each(card)).entries]
    assert images == [f"https://house.example/i/{number}.jpg" for number in NUMBERS]


@pytest.mark.parametrize("day", ["Nov #", "0# November", "November #th", "#. November"])
def test_a_day_without_a_name_of_its_own_is_of_the_year_above_it(day: str) -> None:
    cards = each(f"<li><b>{day}</b> {LINKED}</li>")
    assert entries_of(page(f"<h2>2026</h2><ul>{cards}</ul>")) == [
        news(number) for number in NUMBERS
    ]


@pytest.mark.parametrize(
    "day", ["#. marraskuuta 2026", "2026. november #.", "2026 m. lapkričio # d.", "# พฤศจิกายน 2569"]
)
def test_a_day_is_read_in_languages_that_write_it_otherwise(day: str) -> None:
    card = f"<section><h3>{TITLE}</h3><p>{day}</p><p>Text</p><a href='piece-#'>Lue</a></section>"
    assert entries_of(page(each(card))) == [news(number) for number in NUMBERS]
