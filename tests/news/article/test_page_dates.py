"""An article's date, found among the other dates of its page."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.news.article_pages import PS, read

DAY = datetime(2026, 11, 3, tzinfo=UTC)
HOUR = datetime(2026, 11, 3, 8, 45, tzinfo=UTC)


@pytest.mark.parametrize(
    ("markup", "published"),
    [
        # What was published and never changed.
        ("<time class='entry-date published updated' datetime='2026-11-03'>3.11.</time>", DAY),
        # An opinion is called a comment.
        ("<div class=HeaderComment_publishDate><span class=Day>3 November 2026</span></div>", DAY),
        (
            "<small>November 3, 2026 at 08:45 AM | categories: enamel, dials, a lake</small>",
            HOUR,
        ),
        ("<p><a href=/2026>Tuesday, 3 November 2026</a></p>", DAY),
        (
            "<div class=date>November 3rd, 2026 in <a href=/w>Watches and clocks</a> 9 views</div>",
            DAY,
        ),
        ("<div>Publié le 3/11/2026<em>Mis à jour le 4/11/2026 à 14h03</em></div>", DAY),
        ("<div class=info>03.11.2026 (ab)<p>Ab</p><p>Listen</p></div>", DAY),
        # Readers see the date; the metadata has the time of the page.
    ],
)
def test_the_day_beneath_a_headline_is_the_article_s(markup: str, published: datetime) -> None:
    assert read(f"<div><h1>#T</h1>{markup}<div>{PS}</div></div>").published == published


def test_a_time_beside_the_visible_date_is_used() -> None:
    markup = "<time datetime='2026-10-31T23:30:00Z'>1 November 2026</time>"
    at = read(f"<div><h1>#T</h1>{markup}{PS}</div>").published
    assert at == datetime(2026, 10, 31, 23, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "dated",
    [
        "<div id=comments><i><time datetime='2026-11-20T10:00:00Z'>20 Nov 2026</time></i></div>",
        "<div class='ce_comments block'><p class=date>20.11.2026</p></div>",
        "<blockquote><p>It is slow!</p><time datetime='2026-11-20'></time></blockquote>",
    ],
)
def test_dates_of_comments_and_embedded_posts_are_ignored(dated: str) -> None:
    assert read(f"<div><h1>#T</h1><div>{PS}</div>{dated}</div>").published is None


def test_dates_in_a_list_belong_to_other_articles() -> None:
    others = "".join(
        f"<li><time pubdate datetime='2026-11-1{n}T09:00:00Z'>1{n}/11/2026</time></li>"
        for n in range(5)
    )
    own = "<p class=info>Le <time datetime='2026-11-03T08:45:00Z'>3 novembre 2026</time></p>"
    page = f"<ul>{others}</ul><article><h1>#T</h1>{own}{PS}</article>"
    assert read(page).published == HOUR


@pytest.mark.parametrize(
    "head",
    [
        "<meta name=rbpubdate content='2026-11-03'>",
        "<meta name='citation_publication_date' content='2026/11/03'>",
        "<meta name=timestamp content='2026-11-03'>",
    ],
)
def test_dates_in_rare_systems_own_markup_are_found(head: str) -> None:
    assert read(f"<h1>#T</h1>{PS}", head=head).published == DAY


@pytest.mark.parametrize(
    "later",
    [
        "<p>Updated 5 November 2026</p>",
        "<p class=date>Ultimo aggiornamento: 05/11/2026</p>",
        "<span>Mis à jour <time datetime='2026-11-05'>5 novembre</time></span>",
    ],
)
def test_the_day_of_an_update_gives_way_to_that_of_publication(later: str) -> None:
    dates = f"<div>{later}<p>Published 3 November 2026</p></div>"
    assert read(f"<article><h1>#T</h1>{dates}{PS}</article>").published == DAY
    assert read(f"<article><h1>#T</h1>{later}{PS}</article>").published is not None
