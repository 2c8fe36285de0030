"""What an edition says about languages that its reader leaves out."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from digest.choosing.edition import CandidatePool
from digest.choosing.ranking import OLDEST
from digest.choosing.unread import FEWEST, MOSTLY
from storage.model import Article, Taste, Unread
from tests.digest.conftest import MONDAY

if TYPE_CHECKING:
    from datetime import datetime

    from storage.model import Edition

RECENT = MONDAY - timedelta(hours=1)
ZH_AND_EN = frozenset({"zh", "en"})


def edition(
    articles: list[Article],
    *,
    follows: tuple[str, ...] = ("italy",),
    languages: frozenset[str] = ZH_AND_EN,
    place_from: int = 0,
) -> Edition:
    candidates = CandidatePool(articles, now=MONDAY, oldest=OLDEST)
    taste = Taste(follows=frozenset(follows), languages=languages)
    return candidates.edition(taste, size=12, place_from=place_from)


def article(
    number: int,
    *,
    categories: tuple[str, ...],
    language: str | None,
    story_id: int = 0,
    published: datetime = RECENT,
) -> Article:
    return Article(
        id=number,
        story_id=story_id or number,
        event_id=story_id or number,
        source_id=number,
        source=f"Source {number}",
        source_weight=50,
        link=f"https://gazette.example/{number}",
        title=f"Headline {number}",
        standfirst="",
        image=None,
        author=None,
        language=language,
        published=published,
        first_seen=published,
        categories=categories,
        backlog=False,
        has_body=False,
    )


def articles_in(*languages: str | None, category: str = "italy", first: int = 1) -> list[Article]:
    return [
        article(number, categories=(category,), language=language)
        for number, language in enumerate(languages, start=first)
    ]


def test_a_category_that_is_mostly_in_other_languages_is_named() -> None:
    news = [
        *articles_in(*["it"] * 4, "en"),
        *articles_in(*["it"] * 3, *["en"] * 3, category="art", first=6),
    ]
    assert edition(news, follows=("italy", "art")).unread == Unread(("italy",), ("it",))


def test_four_stories_are_too_few_to_say_so() -> None:
    assert edition(articles_in(*["it"] * 4)).unread is None
    assert edition(articles_in(*["it"] * 5)).unread == Unread(("italy",), ("it",))


def test_a_reader_of_every_language_gets_no_notice() -> None:
    assert edition(articles_in(*["it"] * 9), languages=frozenset()).unread is None


def test_earlier_and_old_articles_do_not_count_for_the_notice() -> None:
    old = [
        article(number, categories=("italy",), language="it", published=MONDAY - OLDEST * 2)
        for number in range(1, 8)
    ]
    assert edition(old).unread is None
    assert edition(articles_in(*["it"] * 9), place_from=6).unread is None


def test_a_story_also_reported_in_a_read_language_does_not_count() -> None:
    news = [
        article(number, categories=("italy",), language=language, story_id=number % 10 or 10)
        for number, language in enumerate(["it"] * 10 + ["en"] * 10, start=1)
    ]
    assert edition(news).unread is None


def test_the_most_frequent_come_first() -> None:
    news = [
        *articles_in(*["it"] * 5),
        *articles_in(*["fr"] * 7, *["it"] * 1, category="art", first=6),
    ]
    assert edition(news, follows=("italy", "art")).unread == Unread(("art", "italy"), ("fr", "it"))


def test_an_edition_without_stories_has_the_notice_about_languages_too() -> None:
    empty = edition(articles_in(*["it"] * 6))
    assert empty.lead is None
    assert empty.unread == Unread(("italy",), ("it",))


@given(
    st.lists(st.sampled_from(["it", "fr", "ja", "en", "zh", None]), max_size=30),
    st.frozensets(st.sampled_from(["it", "fr", "ja", "en", "zh"]), max_size=4),
)
def test_the_notice_appears_exactly_at_seven_of_ten_left_out(
    spoken: list[str | None], languages: frozenset[str]
) -> None:
    left_out = [each for each in spoken if each and each not in languages]
    expected = bool(languages) and len(spoken) >= FEWEST and len(left_out) >= MOSTLY * len(spoken)
    unread = edition(articles_in(*spoken), languages=languages).unread
    assert (unread is not None) is expected
    if unread is not None:
        assert set(unread.languages) == set(left_out)
        assert languages.isdisjoint(unread.languages)


def test_readers_of_other_places_and_languages_are_counted_apart() -> None:
    candidates = CandidatePool(
        articles_in(*["it"] * 6, *["fr"] * 6), now=MONDAY + timedelta(minutes=1), oldest=OLDEST
    )
    found = [
        candidates.edition(
            Taste(follows=frozenset({"italy"}), languages=frozenset(read)),
            size=12,
            place_from=place,
        ).unread
        for read, place in (({"en"}, 0), ({"fr"}, 0), ({"en"}, 6), ({"en"}, 0))
    ]
    both = Unread(("italy",), ("fr", "it"))
    assert found == [both, None, Unread(("italy",), ("fr",)), both]
