"""A followed word selects stories as a category does: in editions, alerts and lists. What an
edition says about languages that its reader leaves out.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from digest.choosing.edition import CandidatePool
from digest.choosing.ranking import OLDEST, matches
from digest.choosing.unread import FEWEST, MOSTLY
from digest.editions.past_editions import PastEditions
from digest.editions.preview import Why
from storage.model import YOUR_WORDS, Article, Edition, Taste, Unread
from tests.digest.conftest import CATEGORIES, MONDAY
from tests.plugins.records import a_stored_article

if TYPE_CHECKING:
    from datetime import datetime

    from storage.model import Subscriber
    from tests.digest.conftest import Paper


async def word_reader(
    paper: Paper, chat_id: int, *words: str, alerts: bool | None = None, minute: int = 8 * 60
) -> Subscriber:
    """Create a reader who follows words and no category."""
    reader = await paper.reader(chat_id, "gucci", minute=minute)
    await paper.subscribers.unfollow(reader.id, "gucci")
    for word in words:
        reader = await paper.subscribers.follow_word(reader.id, word, alerts=alerts)
    return reader


def sections(edition: Edition) -> dict[str, list[str]]:
    """Return section → headlines of a whole edition."""
    found: dict[str, list[str]] = {}
    for category, story in edition.placed():
        found.setdefault(category, []).append(story.article.title)
    return found


async def test_stories_of_a_followed_word_are_under_your_words(paper: Paper) -> None:
    # First editions would be topped up.
    place = await paper.article("Before")
    first = await word_reader(paper, 1, "Creative Director", "徐家汇")
    await paper.subscribers.change(first.id, place=place)
    both = await paper.reader(2, "motor", "style", place=place)
    await paper.subscribers.follow_word(both.id, "creative director")
    await paper.reader(3, "motor", place=place)
    await paper.article("A new creative director for Gucci", "style", source="A")
    await paper.article("上海徐家汇开新店", "china", source="B", language="zh")
    await paper.article("Nothing creative", "china", source="C", standfirst="A director leaves.")
    await paper.article("A car", "motor", source="D")
    await paper.morning()
    made = [sections(asked[0]) for asked in paper.renderer.asked]
    words = {YOUR_WORDS: ["A new creative director for Gucci", "上海徐家汇开新店"]}
    assert {key: sorted(value) for key, value in made[0].items()} == words
    assert made[1] == {YOUR_WORDS: ["A new creative director for Gucci"], "motor": ["A car"]}
    assert made[2] == {"motor": ["A car"]}


async def test_a_word_is_followed_from_the_next_article_on(paper: Paper) -> None:
    await paper.article("Prada, before", source="A")
    await word_reader(paper, 1, "Prada")
    await paper.article("Prada, after", source="B")
    await paper.morning()
    assert sections(paper.renderer.asked[0][0])[YOUR_WORDS] == ["Prada, after"]


async def test_a_muted_story_stays_out_even_with_a_followed_word(paper: Paper) -> None:
    reader = await word_reader(paper, 1, "Prada", alerts=True)
    await paper.subscribers.mute_word(reader.id, "sale")
    await paper.article("Prada on sale", source="A")
    await paper.article("Prada at work", source="B")
    await paper.morning()
    assert sections(paper.renderer.asked[0][0])[YOUR_WORDS] == ["Prada at work"]


async def test_an_edition_of_followed_words_can_be_shown_again_and_explained(paper: Paper) -> None:
    await word_reader(paper, 1, "Prada")
    # One source has three stories at most.
    for number in range(5):
        await paper.article(f"Prada {number}", "motor")
    await paper.morning()
    (was, *_) = paper.renderer.asked[0]
    row = (await paper.ledger())[-1]
    past = PastEditions(paper.deliveries, paper.articles, CATEGORIES)
    assert await past.edition(row) == was
    (others,) = await past.others(row)
    assert (others.category, len(others.stories)) == (YOUR_WORDS, 2)
    explained = await past.explained(row)
    assert {each.why for each in explained.left_out} == {Why.SOURCE}
    (story, *_) = explained.edition.stories
    assert explained.taste.words_in(story.article.words) == ("Prada",)


async def test_a_words_story_is_alerted_once_and_left_out_of_editions(paper: Paper) -> None:
    await word_reader(paper, 1, "creative director", alerts=True, minute=20 * 60)
    await word_reader(paper, 2, "Creative Director", minute=20 * 60)
    both = await word_reader(paper, 3, "creative director", "Gucci", alerts=True, minute=20 * 60)
    await paper.subscribers.follow(both.id, "style", alerts=True)
    first = await paper.article("Gucci has a creative director", "style")
    assert await paper.alerts.plan([first], paper.time.now) == 2
    assert await paper.alerts.plan([first], paper.time.now) == 0
    again = await paper.article(
        "A creative director for Gucci", "style", source="Another", story=first
    )
    assert await paper.alerts.plan([again], paper.time.now) == 0
    await paper.sender.drain()
    assert {message.chat_id for message in paper.outbox.sent} == {1, 3}
    await paper.morning(hours=12)
    assert [len(paper.outbox.to(chat_id)) for chat_id in (1, 2, 3)] == [1, 1, 1]


async def test_the_bell_of_a_word_can_be_taken_back(paper: Paper) -> None:
    reader = await word_reader(paper, 1, "Prada", alerts=True)
    assert await paper.subscribers.word_alerts(reader.id) == {"Prada"}
    await paper.subscribers.follow_word(reader.id, "PRADA", alerts=False)
    assert await paper.subscribers.word_alerts(reader.id) == frozenset()
    assert await paper.alerts.plan([await paper.article("Prada")], paper.time.now) == 0


async def test_alerts_of_articles_before_a_crash_are_sent_once_after_it(paper: Paper) -> None:
    """The process may end between storing articles and planning alerts, or during the planning."""
    assert await paper.alerts.plan_new(paper.time.now) == 0
    await word_reader(paper, 1, "Prada", alerts=True, minute=20 * 60)
    first = await paper.article("Prada, and then a crash", source="A")
    # The next process plans it.
    again = paper.alerts
    assert await again.plan_new(paper.time.now) == 1
    assert await again.plan_new(paper.time.now) == 0
    # One ended after the plan, and before it was noted how far that went.
    second = await paper.article("Prada, and another", source="B")
    assert second > first
    assert await again.plan([second], paper.time.now) == 1
    third = await paper.article("Prada, the third", source="C")
    assert third > second
    assert await again.plan_new(paper.time.now) == 1
    await paper.sender.drain()
    assert len(paper.outbox.to(1)) == 3


async def test_new_alerts_do_not_apply_to_earlier_articles(paper: Paper) -> None:
    await paper.alerts.plan_new(paper.time.now)
    reader = await word_reader(paper, 1, "Prada", minute=20 * 60)
    await paper.article("Prada")
    assert await paper.alerts.plan_new(paper.time.now) == 0
    await paper.subscribers.follow_word(reader.id, "Prada", alerts=True)
    assert await paper.alerts.plan_new(paper.time.now) == 0


async def test_latest_of_followed_has_categories_and_words(paper: Paper) -> None:
    await word_reader(paper, 1, "Prada")
    await paper.article("Prada", "style", age=timedelta(hours=3))
    await paper.article("A car", "motor", age=timedelta(hours=2))
    await paper.article("Prada, a Bentley", "bentley", age=timedelta(hours=1))

    async def latest(taste: Taste) -> list[str]:
        return [each.title for each in await paper.articles.latest(taste, limit=9)]

    motor, words = frozenset({"motor"}), frozenset({"Prada"})
    assert await latest(Taste(words=words)) == ["Prada, a Bentley", "Prada"]
    assert await latest(Taste(motor, words=words)) == ["Prada, a Bentley", "A car", "Prada"]
    english = frozenset({"en"})
    assert await latest(Taste(words=words, languages=english)) == ["Prada, a Bentley", "Prada"]


async def test_a_followed_word_in_another_script_matches_in_every_language(paper: Paper) -> None:
    reader = await word_reader(paper, 1, "徐家汇", "Prada")
    english = frozenset({"en"})
    taste = replace(reader.taste, follows=frozenset({"art"}), languages=english)
    first = await paper.article("徐家汇 opens", "art", language="zh", age=timedelta(hours=3))
    await paper.article("Prada 开新店", "art", language="zh", age=timedelta(hours=2))
    last = await paper.article("In English", "art", language="en", age=timedelta(hours=1))

    # For lists one way and for editions another.
    listed = await paper.articles.latest(taste, limit=9)
    assert [each.id for each in listed] == [last, first]
    since = paper.time.now - timedelta(days=1)
    found = await paper.articles.candidates(taste, place_from=0, place_to=last, since=since)
    assert [each.id for each in found] == [first, last]
    every = await paper.articles.recent(since)
    assert [each.id for each in every if matches(each, taste)] == [first, last]


async def test_a_followed_word_matches_by_the_articles_stored_words(paper: Paper) -> None:
    article = (await paper.articles.many([await paper.article("Prada")]))[0]
    assert not matches(article, Taste(words=frozenset({"Prada"})))


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
    story = story_id or number
    more = {"story_id": story, "event_id": story, "language": language, "categories": categories}
    return a_stored_article(number, published, **more)


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
