from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from digest.choosing.category_kinds import CategoryKinds
from digest.choosing.edition import CandidatePool
from digest.choosing.news_value import is_about, news_value
from news.filing.taxonomy import load
from storage.model import Article, Taste
from tests.digest.conftest import MONDAY

if TYPE_CHECKING:
    from collections.abc import Callable

    Make = Callable[..., Article]

KINDS = CategoryKinds(
    frozenset({"hermes", "dior", "louis-vuitton"}),
    frozenset({"lvmh"}),
    frozenset({"business", "style", "beauty"}),
    frozenset({("louis-vuitton", "lvmh"), ("dior", "lvmh")}),
)


def order(articles: list[Article], *follows: str, size: int = 12) -> list[int]:
    pool = CandidatePool(articles, now=MONDAY, kinds=KINDS)
    made = pool.edition(Taste(follows=frozenset(follows)), size=size, place_from=0)
    return [story.article.id for story in made.stories]


def test_news_of_a_company_comes_before_other_stories(an_article: Make) -> None:
    feature = an_article(1, categories=("style",))
    company = an_article(2, categories=("business", "style"))
    economy = an_article(3, categories=("business", "china"))
    assert order([feature, company, economy], "style", "business")[0] == 2


def test_a_story_about_a_house_comes_before_other_stories(an_article: Make) -> None:
    plain = an_article(1, categories=("style",))
    house = an_article(2, "Dior opens in Milan", categories=("style", "dior"))
    assert order([plain, house], "style") == [2, 1]


@pytest.mark.parametrize("title", ["What’s next for couture?", "高级定制的下一步是什么？"])
def test_a_question_comes_after_other_stories(title: str, an_article: Make) -> None:
    question = an_article(1, title, categories=("style",))
    assert order([question, an_article(2, categories=("style",))], "style") == [2, 1]


def test_each_point_for_news_value_has_a_reason(an_article: Make) -> None:
    found = news_value(
        an_article(1, "Who buys Dior?", categories=("style", "business", "dior")), KINDS
    )
    assert found.subjects == {"dior"}
    assert {each.kind.value: each.points for each in found.points} == {
        "weight": 150,
        "company": 10,
        "house": 10,
        "question": -10,
    }


@pytest.mark.parametrize(
    ("title", "standfirst", "names"),
    [
        ("Hermès opens a workshop", "", {"hermes", "louis-vuitton", "lvmh"}),
        ("Shares fall in Paris", "Hermès lost most.", {"louis-vuitton", "lvmh"}),
        ("Shares fall in Paris", "Louis Vuitton’s owner lost most.", {"hermes"}),
        ("LVMH buys a vineyard", "Louis Vuitton will use it.", {"hermes", "lvmh"}),
        ("Louis Vuitton opens in Rome", "Hermès is next door.", {"louis-vuitton", "lvmh"}),
        ("Hermès opens in Rome", "Louis Vuitton is next door.", {"hermes"}),
        (
            "爱马仕在罗马开店",
            "Hermès is next door to Louis Vuitton.",
            {"hermes", "louis-vuitton", "lvmh"},
        ),
    ],
)
def test_a_name_in_the_standfirst_alone_is_mentioned_in_passing(
    title: str, standfirst: str, names: set[str], an_article: Make
) -> None:
    filed = ("style", "hermes", "louis-vuitton", "lvmh")
    article = an_article(1, title, standfirst=standfirst, categories=filed)
    assert {name for name in filed[1:] if is_about(article, name, KINDS)} == names


@pytest.mark.parametrize(
    ("house", "title", "standfirst"),
    [
        ("giorgio-armani", "Armani names a new chief", "The Giorgio Armani group said so."),
        ("volkswagen", "VW cuts jobs", "Volkswagen and the unions agreed."),
        ("volkswagen", "Volkswagens neuer Chef", "Volkswagen hat einen neuen Chef."),
        ("rolex", "A Datejust in steel", "Rolex shows a watch."),
        ("general-motors", "GM recalls a car", "General Motors said so."),
        ("hyundai-motor-group", "Hyundai builds a plant", "Hyundai Motor Group said so."),
        ("gucci", "غوتشي تفتتح متجرا", "تقول Gucci ذلك"),
        ("gucci", "구찌가 매장을 연다", "Gucci 매장"),
    ],
)
def test_a_title_may_have_any_name_of_a_house(
    house: str, title: str, standfirst: str, an_article: Make
) -> None:
    article = an_article(1, title, standfirst=standfirst, categories=(house,))
    assert is_about(article, house, CategoryKinds.among(load().categories))


@pytest.mark.parametrize(
    ("house", "standfirst"),
    [
        ("sothebys", "Sotheby’s lost most."),
        ("loreal-luxe", "L’Oréal lost most."),
        ("lange-soehne", "A. Lange & Söhne lost most."),
        ("one-hotels", "1 Hotels lost most."),
        ("mb-f", "MB&F lost most."),
    ],
)
def test_a_house_is_mentioned_in_passing_also_if_its_slug_has_other_words(
    house: str, standfirst: str, an_article: Make
) -> None:
    article = an_article(1, "Prices fall", standfirst=standfirst, categories=(house,))
    assert not is_about(article, house, CategoryKinds.among(load().categories))


def test_a_followed_name_mentioned_in_passing_does_not_lead(an_article: Make) -> None:
    shares = an_article(
        3, "Shares fall in Paris", standfirst="Hermès lost most.", categories=("hermes", "style")
    )
    bag = an_article(2, "Hermès shows a bag", categories=("hermes", "style"), source_weight=10)
    others = [an_article(n, categories=("style", "business")) for n in (4, 5)]
    assert order([shares, bag, *others], "hermes", "style", size=3) == [2, 4, 5]


def test_a_later_story_of_a_matter_does_not_precede_the_followed_names(an_article: Make) -> None:
    lawsuit = an_article(1, "Hermès sues a forger of bags", categories=("hermes", "style"))
    settled = an_article(
        2,
        "A forger of bags settles a lawsuit",
        standfirst="Hermès had sued.",
        categories=("hermes", "style"),
        published=lawsuit.published.replace(minute=30),
    )
    assert order([lawsuit, settled], "hermes", "style") == [1, 2]
