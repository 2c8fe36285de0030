"""Sent editions as the ledger stores them."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

from digest.making import sent_issue
from storage.model import Coverage, Edition, EditionSection, EditionStory, Span, Unread
from tests.digest.conftest import MONDAY

if TYPE_CHECKING:
    from collections.abc import Callable

    from storage.model import Article


def test_a_stored_edition_has_all_that_its_message_shows(
    an_article: Callable[..., Article],
) -> None:
    articles = {number: an_article(number, version=number % 3) for number in range(1, 8)}
    ran = Coverage(MONDAY, MONDAY, 3)
    stories = {number: EditionStory(each) for number, each in articles.items()}
    stories[2] = EditionStory(articles[2], ("Elle", "Vogue"), coverage=ran, update=True)
    edition = Edition(
        stories[1],
        (
            EditionSection("motor", (stories[2], stories[3]), 2, (stories[4],)),
            EditionSection("style", (stories[5],)),
            EditionSection("china", (), 3),
        ),
        top=(EditionSection("bentley", (stories[6],)),),
        span=Span.WEEK,
        since=MONDAY,
        lead_category="gucci",
        added=1,
        still=2,
        unread=Unread(("china",), ("zh", "it")),
    )
    plain = Edition(None, ())
    assert [
        each.name
        for each in fields(Edition)
        if getattr(edition, each.name) == getattr(plain, each.name)
    ] == []

    sent = sent_issue.of_edition(
        edition, "Europe/Rome", sources=57, pictures=("https://a.example",)
    )
    read = sent_issue.edition_of(
        sent.stories, MONDAY, lambda number, _version: EditionStory(articles[number])
    )

    assert read == sent_issue.StoredEdition(edition, "Europe/Rome", 57, ("https://a.example",))
    assert sent_issue.articles_of(sent.stories) == {
        number: number % 3 for number in (1, 2, 3, 4, 5, 6)
    }


def test_a_stored_alert_names_what_it_was_sent_for(an_article: Callable[..., Article]) -> None:
    sent = sent_issue.of_alert(an_article(7, version=2), "motor", ["prada"])
    assert sent_issue.is_alert(sent.stories)
    assert sent_issue.alert_of(sent.stories) == (7, 2, "motor", ("prada",))
