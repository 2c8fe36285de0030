from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from digest.choosing.category_kinds import CategoryKinds
from digest.choosing.edition import CandidatePool
from digest.choosing.matters import matters_of
from news.filing.taxonomy import load
from storage.model import Article, Taste
from tests.digest.conftest import MONDAY

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Make = Callable[..., Article]

MOTOR = Taste(follows=frozenset({"motor"}))
KINDS = CategoryKinds(frozenset({"saks", "tag-heuer", "gucci"}), frozenset({"lvmh"}))


def shown(articles: Sequence[Article], taste: Taste, size: int = 12) -> list[int]:
    made = CandidatePool(articles, now=MONDAY, kinds=KINDS).edition(taste, size=size, place_from=0)
    return [story.article.id for story in made.stories]


def carried_by_many(make: Make, first: int, category: str, **changes: object) -> list[Article]:
    return [
        make(first + n, event_id=first, categories=(category,), source_weight=90, **changes)
        for n in range(5)
    ]


def test_stories_followed_by_name_come_before_those_by_section(an_article: Make) -> None:
    taste = Taste(follows=frozenset({"lvmh", "business"}), words=frozenset({"Arnault"}))
    news = [
        each for n in range(100, 200, 10) for each in carried_by_many(an_article, n, "business")
    ]
    exit_ = an_article(1, categories=("business", "tag-heuer", "lvmh"), source_weight=10)
    word = an_article(2, categories=("business",), words=("arnault",), source_weight=10)
    assert set(shown([*news, exit_, word], taste, size=3)) >= {1, 2}


def test_a_house_set_to_less_has_no_precedence(an_article: Make) -> None:
    taste = Taste(follows=frozenset({"gucci", "business"}), less=frozenset({"gucci"}))
    news = [an_article(1, categories=("gucci",)), an_article(2, categories=("business",))]
    assert shown(news, taste, size=1) == [2]


def test_each_followed_section_with_news_has_a_story_before_any_has_more(an_article: Make) -> None:
    sections = ["business", "style", "watches", "art", "motor"]
    busy = [
        each for n in range(100, 300, 10) for each in carried_by_many(an_article, n, "business")
    ]
    quiet = [
        an_article(n, categories=(slug,), source_weight=5, published=MONDAY - timedelta(days=2))
        for n, slug in enumerate(sections[1:], start=1)
    ]
    taste = Taste(follows=frozenset(sections))
    assert set(shown([*busy, *quiet], taste, size=5)) >= {1, 2, 3, 4}
    assert set(shown([*busy, *quiet], taste, size=12)) >= {1, 2, 3, 4}


def test_no_section_fills_an_edition_while_others_have_stories(an_article: Make) -> None:
    busy = [an_article(n, categories=("business",), source_weight=90) for n in range(10, 30)]
    others = [
        an_article(10 * place + n, categories=(slug,), source_weight=5)
        for place, slug in enumerate(["style", "watches", "jewellery"], start=3)
        for n in range(3)
    ]
    taste = Taste(follows=frozenset({"business", "style", "watches", "jewellery"}))
    found = shown([*busy, *others], taste)
    assert sum(number < 30 for number in found) == 5
    assert len(found) == 12
    assert len(shown([*busy, others[0]], taste)) == 12


def test_business_of_a_trade_that_is_not_followed_comes_last(an_article: Make) -> None:
    kinds = CategoryKinds(
        sections=frozenset({"business", "watches", "motor"}),
        trades=frozenset({"watches", "motor"}),
    )
    cars = an_article(1, categories=("business", "motor"), source_weight=90)
    watches = [an_article(n, categories=("watches",)) for n in (2, 3)]
    economy = an_article(4, categories=("business",))
    news = [cars, *watches, economy]

    def of(*follows: str) -> list[int]:
        pool = CandidatePool(news, now=MONDAY, kinds=kinds)
        made = pool.edition(Taste(follows=frozenset(follows)), size=3, place_from=0)
        return [story.article.id for story in made.stories]

    assert set(of("business", "watches")) == {2, 3, 4}
    assert of("business")[0] == 1
    assert of("business", "watches", "motor")[0] == 1


def test_a_section_shown_under_another_still_has_its_place(an_article: Make) -> None:
    taste = Taste(follows=frozenset({"business", "ecommerce"}))
    busy = [an_article(n, categories=("business",)) for n in range(2, 9)]
    shop = an_article(1, categories=("business", "ecommerce"), source_weight=1)
    assert 1 in shown([*busy, shop], taste, size=3)


def test_names_leave_a_third_of_an_edition_to_sections_that_have_none(an_article: Make) -> None:
    taste = Taste(follows=frozenset({"lvmh", "art", "motor"}))
    names = [an_article(n, categories=("lvmh",), source_id=n) for n in range(10, 30)]
    sections = [an_article(1, categories=("art",)), an_article(2, categories=("motor",))]
    picked = shown([*names, *sections], taste, size=6)
    assert picked[-2:] == [1, 2]
    assert len(picked) == 6


def test_a_followed_houses_stories_do_not_count_towards_its_sources_limit(an_article: Make) -> None:
    taste = Taste(follows=frozenset({"gucci", "style"}))
    own = [an_article(n, source_id=1, categories=("style", "gucci")) for n in range(1, 4)]
    others = [an_article(n, source_id=1, categories=("style",)) for n in range(4, 9)]
    picked = shown([*own, *others], taste)
    assert set(picked) >= {1, 2, 3}
    assert len(picked) == 6


SAKS = (
    "Saks Global files for bankruptcy protection in Texas",
    "Saks Global secures financing for its bankruptcy",
    "Brands wait for payment as Saks Global seeks protection",
    "Saks Global names a chief executive after bankruptcy filing",
)


def test_an_edition_has_the_two_latest_stories_of_one_matter(an_article: Make) -> None:
    taste = Taste(follows=frozenset({"saks"}))
    turns = [
        an_article(
            n,
            title,
            categories=("saks",),
            published=MONDAY - timedelta(hours=24 - n),
            source_weight=90 - n,
        )
        for n, title in enumerate(SAKS, start=1)
    ]
    sale = an_article(
        9, "Saks opens a beauty floor for perfume lovers", categories=("saks",), source_weight=1
    )
    picked = shown([*turns, sale], taste)
    assert [each for each in picked if each != 9] == [4, 3]
    assert 9 in picked


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Saks Global files for Chapter 11 protection", "Saks lands $1.75 billion in financing"),
        ("Gucci designer dies aged ninety in Florence", "Who are the heirs of the Gucci designer"),
        ("Gucci cerca un nuovo direttore creativo", "Gucci, la nomina attesa entro primavera"),
    ],
)
def test_a_matter_is_recognised_over_days_in_other_words(
    an_article: Make, first: str, second: str
) -> None:
    taste = Taste(follows=frozenset({"gucci"}))
    earlier = an_article(
        1, first, categories=("gucci",), published=MONDAY - timedelta(hours=20), source_weight=99
    )
    later = an_article(2, second, categories=("gucci",), source_weight=1)
    assert shown([earlier, later], taste) == [2, 1]


def test_events_of_a_house_without_a_shared_rare_word_are_separate_matters(
    an_article: Make,
) -> None:
    everyday = [
        an_article(n, f"Somebody opens boutique number {n} somewhere", categories=("style",))
        for n in range(10, 20)
    ]
    titles = ("Gucci opens boutique beside the cathedral", "Gucci opens boutique for children")
    own = [an_article(n, title, categories=("gucci",)) for n, title in enumerate(titles, start=1)]
    events = {each.event: [each] for each in (*own, *everyday)}
    assert matters_of(events, {"gucci"}) == {}


def test_chinese_matters_are_recognised_by_pairs_of_characters(an_article: Make) -> None:
    titles = ("古驰申请破产保护", "古驰获得破产融资")
    events = {
        n: [an_article(n, title, categories=("gucci",))] for n, title in enumerate(titles, start=1)
    }
    assert matters_of(events, {"gucci"}) == {1: {1}, 2: {1}}


def test_filler_is_shown_only_if_nothing_else_is_new(an_article: Make) -> None:
    podcast = an_article(1, filler=True, source_weight=100)
    news = an_article(2, source_weight=1)
    assert shown([podcast, news], MOTOR) == [2]
    assert shown([podcast], MOTOR) == [1]


def test_an_event_is_shown_by_a_report_that_is_not_filler(an_article: Make) -> None:
    podcast = an_article(1, filler=True, source_weight=100)
    news = an_article(2, event_id=1, source_weight=1)
    assert shown([podcast, news], MOTOR) == [2]


def test_a_general_papers_doubtful_report_is_shown_only_if_nothing_else_is_new(
    an_article: Make,
) -> None:
    doubtful = an_article(1, general=True, unsure=True, source_weight=100)
    news = an_article(2, source_weight=1)
    assert shown([doubtful, news], MOTOR) == [2]
    assert shown([doubtful], MOTOR) == [1]
    confirmed = an_article(3, event_id=1, source_weight=1)
    assert len(shown([doubtful, confirmed, news], MOTOR)) == 2
    # What a reader hides confirms nothing to that reader.
    hidden = replace(MOTOR, muted_sources=frozenset({99}))
    confirmed = replace(confirmed, source_id=99)
    assert shown([doubtful, confirmed, news], hidden) == [2]


def test_a_doubtful_report_with_a_followed_word_is_shown(an_article: Make) -> None:
    taste = Taste(follows=frozenset({"motor"}), words=frozenset({"Monza"}))
    doubtful = an_article(1, general=True, unsure=True, words=("monza",))
    assert set(shown([doubtful, an_article(2)], taste)) == {1, 2}


def test_news_that_the_trade_may_not_want_ranks_below_other_news(an_article: Make) -> None:
    doubtful = an_article(1, unsure=True, source_weight=90)
    sure = an_article(2, source_weight=60)
    made = CandidatePool([doubtful, sure], now=MONDAY, kinds=KINDS)

    stories = list(made.edition(MOTOR, size=12, place_from=0).stories)

    assert [story.article.id for story in stories] == [2, 1]
    assert sum(reason.points for reason in stories[1].reasons if reason.kind == "unsure") == -60


def test_trades_are_the_sections_that_many_houses_have_as_their_home() -> None:
    trades = CategoryKinds.among(load().categories).trades
    assert {"watches", "style", "motor", "art"} <= trades
    assert trades.isdisjoint({"business", "events", "technology", "videos"})
