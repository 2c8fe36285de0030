"""Cards of listing pages with repeated or missing markup."""

from __future__ import annotations

import pytest

from tests.news.listing_pages import LINKED, NUMBERS, TITLE, each, entries_of, news, page


def test_a_links_title_attribute_is_used_if_it_matches_the_text() -> None:
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
def test_a_background_image_replaces_an_empty_picture(picture: str) -> None:
    card = f"<li>{picture}<h3>{LINKED}</h3><time>0# November 2026</time></li>"
    images = [entry.image for entry in page(each(card)).entries]
    assert images == [f"https://house.example/i/{number}.jpg" for number in NUMBERS]


@pytest.mark.parametrize("day", ["Nov #", "0# November", "November #th", "#. November"])
def test_a_date_without_a_year_takes_the_year_above_it(day: str) -> None:
    cards = each(f"<li><b>{day}</b> {LINKED}</li>")
    assert entries_of(page(f"<h2>2026</h2><ul>{cards}</ul>")) == [
        news(number) for number in NUMBERS
    ]


@pytest.mark.parametrize(
    "day", ["#. marraskuuta 2026", "2026. november #.", "2026 m. lapkričio # d.", "# พฤศจิกายน 2569"]
)
def test_dates_are_read_in_languages_with_other_formats(day: str) -> None:
    card = f"<section><h3>{TITLE}</h3><p>{day}</p><p>Text</p><a href='piece-#'>Lue</a></section>"
    assert entries_of(page(each(card))) == [news(number) for number in NUMBERS]
