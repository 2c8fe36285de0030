from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.quality import editions
from bench.quality.editions import measure, read
from digest.choosing.category_kinds import CategoryKinds
from digest.choosing.edition import CandidatePool
from digest.choosing.events import is_new_amount
from digest.choosing.mix import FROM_ONE, LESS_OF_ONE
from digest.choosing.ranking import LONGEST, OLDEST, matches, window
from digest.choosing.sections import TOP
from news.filing.story_kinds import Rated
from storage.model import (
    Article,
    Coverage,
    Edition,
    Reason,
    ReasonKind,
    Show,
    Span,
    StoryKind,
    Taste,
)
from tests.digest.conftest import MONDAY
from tests.plugins.records import a_stored_article
from train import headline_rows, kinds

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Make = Callable[..., Article]

MOTOR = Taste(follows=frozenset({"motor"}))


def edition(
    articles: list[Article],
    taste: Taste = MOTOR,
    *,
    siblings: list[Article] | None = None,
    **changes: Any,  # noqa: ANN401 - what `CandidatePool.edition` takes
) -> Edition:
    values: dict[str, Any] = {"size": 12, "place_from": 0, **changes}
    now, kinds = values.pop("now", MONDAY), CategoryKinds(values.pop("houses", frozenset()))
    oldest = window(values.get("since"), now)
    candidates = CandidatePool((*articles, *(siblings or [])), now=now, oldest=oldest, kinds=kinds)
    return candidates.edition(taste, **values)


def ids(chosen: Edition) -> list[int]:
    return [story.article.id for story in chosen.stories]


def test_without_news_an_edition_has_no_stories() -> None:
    assert edition([]) == Edition(None, ())


def test_an_edition_has_only_followed_and_unmuted_stories(an_article: Make) -> None:
    taste = Taste(
        follows=frozenset({"motor", "style"}),
        muted_categories=frozenset({"china"}),
        muted_words=frozenset({"recall"}),
        languages=frozenset({"en"}),
    )
    wanted = [an_article(1), an_article(2, categories=("style",)), an_article(3, language=None)]
    kept_back = [
        an_article(4, categories=("art",)),
        an_article(5, categories=("motor", "china")),
        an_article(6, "A huge RECALL begins"),
        an_article(7, standfirst="They recall it"),
        an_article(8, language="it"),
    ]
    assert sorted(ids(edition(wanted + kept_back, taste))) == [1, 2, 3]


def test_a_muted_word_does_not_match_inside_another(an_article: Make) -> None:
    taste = Taste(follows=frozenset({"motor"}), muted_words=frozenset({"art"}))
    assert matches(an_article(1, "A start"), taste)
    assert not matches(an_article(2, "Art!"), taste)


def test_a_muted_word_of_hangul_may_have_a_particle(an_article: Make) -> None:
    taste = Taste(follows=frozenset({"motor"}), muted_words=frozenset({"면세점", "금"}))
    assert not matches(an_article(1, "면세점이 문을 연다"), taste)
    assert matches(an_article(2, "시내면세점, 금융"), taste)


def test_a_reader_who_follows_nothing_gets_nothing(an_article: Make) -> None:
    assert not matches(an_article(1), Taste())


def test_an_edition_has_nothing_older_than_three_days(an_article: Make) -> None:
    at_the_edge = an_article(1, published=MONDAY - OLDEST)
    older = an_article(2, published=MONDAY - OLDEST - timedelta(seconds=1))
    assert ids(edition([at_the_edge, older])) == [1]


def test_the_backlog_of_a_new_source_stays_out(an_article: Make) -> None:
    assert ids(edition([an_article(1, backlog=True)])) == []


@pytest.mark.parametrize(
    ("other", "better"),
    [
        ({"source_weight": 60, "has_body": True}, True),
        ({"source_weight": 60, "has_body": True, "full_text": Show.NO}, False),
        ({"source_weight": 60, "image": "https://example.com/1.jpg"}, True),
        ({"source_weight": 75}, True),
        ({"source_weight": 73}, False),
        ({"source_weight": 59, "has_body": True, "image": "https://example.com/1.jpg"}, False),
        ({"source_weight": 20, "language": "it"}, True),
        ({"source_weight": 100, "has_body": True, "paywall": True}, False),
    ],
)
def test_a_text_and_a_picture_count_more_than_a_little_weight(
    an_article: Make, other: dict[str, Any], *, better: bool
) -> None:
    reports = [an_article(1, source_weight=74), an_article(2, story_id=1, **other)]
    assert ids(edition(reports, language="it" if "language" in other else "en")) == [1 + better]


def test_a_story_is_shown_once_by_its_weightiest_source(an_article: Make) -> None:
    picked = edition(
        [
            an_article(1, source_weight=40, source="Small"),
            an_article(2, source_weight=90, source="Big", story_id=1),
            an_article(3, source_weight=60, source="Middle", story_id=1),
        ]
    )
    assert ids(picked) == [2]
    assert picked.stories[0].also_in == ("Middle", "Small")


def test_a_story_shown_before_is_not_shown_again(an_article: Make) -> None:
    earlier = an_article(1, published=MONDAY - timedelta(days=4))
    later = an_article(11, story_id=1)
    assert ids(edition([later], siblings=[earlier, later], place_from=10)) == []


def test_a_story_is_new_to_readers_who_missed_its_earlier_report(an_article: Make) -> None:
    earlier = an_article(1, categories=("style",))
    later = an_article(11, story_id=1)
    assert ids(edition([later], siblings=[earlier, later], place_from=10)) == [11]


def test_an_alerted_story_is_not_shown_again(an_article: Make) -> None:
    copies = [an_article(1), an_article(2, story_id=1), an_article(3)]
    assert ids(edition(copies, exclude=frozenset({1}))) == [3]


def test_an_edition_has_three_stories_of_a_source_at_most(an_article: Make) -> None:
    picked = edition([an_article(n, source_id=1) for n in range(1, 8)])
    assert len(ids(picked)) == 3
    assert picked.sections[0].left_out == 4


def test_a_story_over_its_sources_limit_is_shown_by_another_source(an_article: Make) -> None:
    weighty = [
        an_article(n, story_id=n, source_id=1, source="Vogue", source_weight=90)
        for n in range(1, 6)
    ]
    light = [
        an_article(
            10 + n,
            story_id=n,
            source_id=2,
            source="WWD",
            source_weight=20,
            language="it" if n == 5 else "en",
        )
        for n in range(1, 6)
    ]
    read = Taste(follows=frozenset({"motor"}), languages=frozenset({"en"}))
    found = edition(weighty + light, read)
    picked = {story.article.story_id: story for story in found.stories}
    assert [picked[story].article.source for story in sorted(picked)] == ["Vogue"] * 3 + ["WWD"]
    assert picked[4].also_in == ("Vogue",)
    assert 5 not in picked


def test_an_edition_has_three_stories_of_a_house_but_more_of_a_group(an_article: Make) -> None:
    taste = Taste(follows=frozenset({"kering"}))
    gucci = [an_article(n, categories=("gucci", "kering")) for n in range(1, 6)]
    others = [an_article(n, categories=("kering",)) for n in range(6, 9)]
    picked = edition(gucci + others, taste, houses=frozenset({"gucci"}))
    assert len(ids(picked)) == 6


def test_the_size_of_an_edition_is_limited_and_the_rest_counted(an_article: Make) -> None:
    articles = [an_article(n, categories=("motor" if n % 2 else "style",)) for n in range(1, 21)]
    taste = Taste(follows=frozenset({"motor", "style"}))
    picked = edition(articles, taste, size=5)
    assert len(ids(picked)) == 5
    assert sum(section.left_out for section in picked.sections) == 15


def test_a_category_of_which_everything_was_left_out_is_still_counted(an_article: Make) -> None:
    articles = [an_article(1, source_weight=90), an_article(2, categories=("style",))]
    picked = edition(articles, Taste(follows=frozenset({"motor", "style"})), size=1)
    assert [(s.category, s.stories, s.left_out) for s in picked.sections] == [("style", (), 1)]


def test_the_lead_is_what_most_sources_carry(an_article: Make) -> None:
    picked = edition(
        [
            an_article(1, source_weight=60),
            *(an_article(n, story_id=2) for n in (2, 3, 4)),
        ]
    )
    assert picked.lead is not None
    assert picked.lead.article.story_id == 2
    assert Reason(ReasonKind.CARRIED, 3, 40) in picked.lead.reasons


def test_the_fresher_of_two_equals_comes_first(an_article: Make) -> None:
    old = an_article(1, published=MONDAY - timedelta(days=2))
    assert ids(edition([old, an_article(2)])) == [2, 1]


def test_a_story_is_under_its_first_followed_category(an_article: Make) -> None:
    taste = Taste(follows=frozenset({"motor", "china"}))
    picked = edition(
        [
            an_article(1, source_weight=90),
            an_article(2, categories=("style", "china", "motor")),
            an_article(3, categories=("motor", "china")),
        ],
        taste,
    )
    assert {s.category: [x.article.id for x in s.stories] for s in picked.sections} == {
        "china": [2],
        "motor": [3],
    }


def test_the_window_is_the_time_since_the_last_edition_and_a_day() -> None:
    days = {0: 3, 1: 3, 2: 3, 3: 4, 4: 5, 7: 8, 8: 8, 30: 8}
    for since, expected in days.items():
        assert window(MONDAY - timedelta(days=since), MONDAY) == timedelta(days=expected)
    # A clock that was set back in between makes a day of 25 hours.
    assert window(MONDAY - timedelta(hours=25), MONDAY) == OLDEST
    assert window(None, MONDAY) == OLDEST
    assert window(MONDAY + timedelta(hours=1), MONDAY) == OLDEST


def test_a_weekly_edition_begins_with_its_three_biggest_stories_of_any_day(
    an_article: Make,
) -> None:
    taste = Taste(follows=frozenset({"motor", "style"}))
    day = timedelta(days=1)
    big = [
        an_article(
            number,
            story_id=story,
            published=MONDAY - story * day,
            categories=("style" if story == 3 else "motor",),
        )
        for story, numbers in {1: (1, 11, 12), 3: (3, 13, 14, 15), 6: (6, 16, 17, 18, 19)}.items()
        for number in numbers
    ]
    small = [an_article(20, published=MONDAY), an_article(21, categories=("style",))]
    picked = edition([*big, *small], taste, since=MONDAY - 7 * day)
    assert picked.lead is not None
    assert [story.article.story_id for story in picked.stories[:TOP]] == [6, 3, 1]
    assert [section.category for section in picked.top] == ["style", "motor"]
    assert (picked.span, picked.since) == (Span.WEEK, MONDAY - 7 * day)
    assert picked.lead.coverage == Coverage(MONDAY - 6 * day, MONDAY - 6 * day, 5)
    # Readers of a daily edition get what is new.
    assert edition([*big, *small], taste, since=MONDAY - day).top == ()


def test_a_story_of_several_days_says_from_when_to_when(an_article: Make) -> None:
    day = timedelta(days=1)
    copies = [an_article(n, story_id=1, published=MONDAY - n * day) for n in (5, 3, 9)]
    picked = edition(copies, since=MONDAY - 7 * day)
    assert picked.lead is not None
    assert picked.lead.coverage == Coverage(MONDAY - 5 * day, MONDAY - 3 * day, 3)
    short = edition([*copies[1:2], an_article(4, story_id=1)], since=MONDAY - day)
    assert short.lead is not None
    assert short.lead.coverage is None
    # Nor where one source alone goes on about it.
    alone = edition([replace(each, source_id=9) for each in copies], since=MONDAY - 7 * day)
    assert alone.lead is not None
    assert alone.lead.coverage is None


def test_the_others_of_the_leads_category_follow_it(an_article: Make) -> None:
    taste = Taste(follows=frozenset({"motor", "style"}))
    hour = timedelta(hours=1)
    chosen = edition(
        [
            an_article(1, published=MONDAY),
            an_article(2, categories=("style",), published=MONDAY - 2 * hour),
            an_article(3, published=MONDAY - 9 * hour),
        ],
        taste,
    )
    assert ids(chosen) == [1, 3, 2]
    assert [section.category for section in chosen.sections] == ["motor", "style"]


@given(st.data())
def test_the_rules_hold_for_any_input_in_any_order(data: st.DataObject) -> None:
    slugs = ["motor", "style", "china", "gucci", "bentley"]
    place_from = data.draw(st.integers(0, 15), label="place_from")
    articles = [
        a_stored_article(
            id_,
            MONDAY - timedelta(hours=data.draw(st.integers(-2, 220))),
            first_seen=MONDAY,
            story_id=data.draw(st.integers(1, id_)),
            source_id=data.draw(st.integers(1, 5)),
            source_weight=data.draw(st.integers(0, 100)),
            language=data.draw(st.sampled_from(["en", "it", None])),
            categories=tuple(data.draw(st.lists(st.sampled_from(slugs), unique=True))),
            backlog=data.draw(st.booleans()),
        )
        for id_ in range(1, data.draw(st.integers(1, 30)))
    ]
    taste = Taste(
        follows=frozenset(data.draw(st.sets(st.sampled_from(slugs)))),
        muted_categories=frozenset(data.draw(st.sets(st.sampled_from(slugs), max_size=1))),
        languages=frozenset(data.draw(st.sets(st.sampled_from(["en", "it"])))),
        muted_sources=frozenset(data.draw(st.sets(st.integers(1, 5), max_size=1))),
        less=frozenset(data.draw(st.sets(st.sampled_from(slugs), max_size=2))),
        more_sources=frozenset(data.draw(st.sets(st.integers(1, 5), max_size=1))),
    )
    exclude = frozenset(data.draw(st.sets(st.integers(1, 30), max_size=2)))
    houses = frozenset({"gucci", "bentley"})
    since = MONDAY - timedelta(days=data.draw(st.integers(0, 9), label="days"))
    values: dict[str, Any] = {
        "size": 6,
        "place_from": place_from,
        "since": since,
        "exclude": exclude,
        "houses": houses,
    }
    picked = edition(articles, taste, **values)
    chosen = [story.article for story in picked.stories]
    assert len(chosen) <= 6
    assert len({each.story_id for each in chosen}) == len(chosen)
    for each in chosen:
        assert each.id > place_from
        assert not each.backlog
        assert matches(each, taste)
        assert MONDAY - each.published <= window(since, MONDAY) <= LONGEST
    excluded = {each.story_id for each in articles if each.id in exclude}
    had = {
        each.story_id
        for each in articles
        if each.id <= place_from and not each.backlog and matches(each, taste)
    }
    assert not (excluded | had) & {each.story_id for each in chosen}
    for source in {each.source_id for each in chosen}:
        assert sum(each.source_id == source for each in chosen) <= FROM_ONE
    for house in houses:
        most = LESS_OF_ONE if house in taste.less else FROM_ONE
        assert sum(house in each.categories for each in chosen) <= most
    shuffled = data.draw(st.permutations(articles))
    assert picked == edition(shuffled, taste, **values)


@pytest.mark.parametrize("size", [0, 1, 12])
def test_the_lead_is_not_repeated_below(an_article: Make, size: int) -> None:
    picked = edition([an_article(n) for n in range(1, 5)], size=size)
    assert len(ids(picked)) == len(set(ids(picked))) == min(size, 4)


def test_left_out_stories_are_returned_on_request(an_article: Make) -> None:
    taste = Taste(follows=frozenset({"motor", "style"}))
    articles = [an_article(n, published=MONDAY - timedelta(hours=n)) for n in range(1, 8)]
    articles += [
        an_article(n, categories=("style",), published=MONDAY - timedelta(hours=40 + n))
        for n in (8, 9)
    ]
    picked = edition(articles, taste, size=2, more=3)
    assert ids(picked) == [1, 8]
    style, motor = picked.sections
    assert [story.article.id for story in motor.more] == [2, 3, 4]
    assert (motor.left_out, style.left_out) == (6, 1)
    assert [story.article.id for story in style.more] == [9]
    assert not any(section.more for section in edition(articles, taste, size=2).sections)


def test_an_event_is_shown_once_for_any_number_of_reports(an_article: Make) -> None:
    picked = edition(
        [
            an_article(1, source_weight=40, source="Small"),
            an_article(2, source_weight=90, source="Big", event_id=1),
            an_article(3, source_weight=60, source="Middle", event_id=1),
            an_article(4, source="Elsewhere"),
        ]
    )
    assert ids(picked) == [2, 4]
    assert picked.stories[0].also_in == ("Middle", "Small")


def test_an_event_is_shown_in_the_readers_language_if_possible(an_article: Make) -> None:
    articles = [
        an_article(1, source_weight=90, language="en"),
        an_article(2, source_weight=20, language="it", event_id=1),
    ]
    candidates = CandidatePool(articles, now=MONDAY)
    shown = {
        language: candidates.edition(MOTOR, size=3, place_from=0, language=language)
        for language in ("it", "en", "fr")
    }
    assert {language: ids(picked) for language, picked in shown.items()} == {
        "it": [2],
        "en": [1],
        "fr": [1],
    }


def test_a_shown_event_returns_only_with_news_after_hours(an_article: Make) -> None:
    def later(number: int, hours: float, **changes: Any) -> Article:  # noqa: ANN401 - fields
        published = MONDAY - timedelta(hours=20 - hours)
        return an_article(number, event_id=1, published=published, **changes)

    earlier = later(1, 0, categories=("motor", "ferrari"), figures=("11%",))
    same_houses = frozenset({"ferrari", "bentley"})

    def shown(*articles: Article, **limits: Any) -> list[tuple[int, bool]]:  # noqa: ANN401 - likewise
        candidates = CandidatePool(
            [earlier, *articles], now=MONDAY, kinds=CategoryKinds(same_houses)
        )
        made = candidates.edition(MOTOR, size=9, **{"place_from": 10} | limits)
        return [(story.article.id, story.update) for story in made.stories]

    nothing_new = later(11, 8, categories=("motor", "ferrari"), figures=("11.2%",))
    figure = later(12, 8, figures=("2.5 billion",))
    too_soon = later(13, 5, figures=("2.5 billion",))
    house = later(14, 6, categories=("motor", "bentley"))
    copy = later(15, 8, story_id=1, figures=("2.5 billion",))
    assert shown(nothing_new) == []
    assert shown(too_soon) == []
    assert shown(copy) == []
    assert shown(figure) == [(12, True)]
    assert shown(house) == [(14, True)]
    # An alert counts as shown; an event that was not shown is no update.
    assert shown(nothing_new, place_from=0, exclude={1}) == []
    assert shown(figure, place_from=0, exclude={1}) == [(12, True)]
    assert [update for _, update in shown(figure, place_from=0)] == [False]


@pytest.mark.parametrize(
    ("figure", "known", "expected"),
    [
        ("1.25 billion", "1.25 billion", False),
        ("1.3 billion", "1.25 billion", False),
        ("1.2 billion", "1.25 billion", False),
        ("1.25 billion", "1.3 billion", False),
        ("157 million", "157.4 million", False),
        ("10%", "9.6%", False),
        ("250000", "250000", False),
        ("1e+06%", "1e+06%", False),
        # Different amounts, or too far apart to be roundings of each other.
        ("1.27 billion", "1.25 billion", True),
        ("1.5 billion", "1.25 billion", True),
        ("1 billion", "1.25 billion", True),
        ("2 billion", "1.6 billion", True),
        ("1.25 million", "1.25 billion", True),
        ("5%", "5.4%", True),
        ("250000", "250001", True),
        ("20%", "20 million", True),
    ],
)
def test_a_rounded_amount_is_not_new(figure: str, known: str, expected: bool) -> None:  # noqa: FBT001 - a table
    assert is_new_amount(figure, {"7%", known}) is expected
    assert is_new_amount(figure, set())


def test_an_events_rank_counts_sources_and_their_speed(an_article: Make) -> None:
    def carried(*hours: float) -> tuple[Reason, ...]:
        picked = edition(
            [
                an_article(
                    n, event_id=1, source_id=n, published=MONDAY - timedelta(hours=30 - after)
                )
                for n, after in enumerate(hours, 1)
            ]
        )
        assert picked.lead is not None
        return picked.lead.reasons

    assert Reason(ReasonKind.QUICK, 3, 10) in carried(0, 1, 6)
    assert Reason(ReasonKind.CARRIED, 3, 40) in carried(0, 9, 20)
    assert not any(reason.kind is ReasonKind.QUICK for reason in carried(0, 9, 20))


def test_a_hidden_source_is_not_named_and_does_not_count(an_article: Make) -> None:
    articles = [
        an_article(1, source_weight=40, source="Small"),
        an_article(2, source_weight=90, source="Big", event_id=1),
        an_article(3, source_weight=60, source="Middle", event_id=1),
    ]
    off = replace(MOTOR, muted_sources=frozenset({articles[2].source_id}))
    candidates = CandidatePool(articles, now=MONDAY)
    for _ in range(2):
        # One pool serves all readers: neither sees what was made for the other.
        (full,) = candidates.edition(MOTOR, size=3, place_from=0).stories
        (less,) = candidates.edition(off, size=3, place_from=0).stories
        assert full.also_in == ("Middle", "Small")
        assert less.also_in == ("Small",)
        counts = [
            next(one.figure for one in each.reasons if one.kind is ReasonKind.CARRIED)
            for each in (full, less)
        ]
        assert counts == [3, 2]


def test_a_free_report_is_preferred_to_a_paywalled_one_in_any_language(an_article: Make) -> None:
    articles = [
        an_article(1, source_weight=90, language="it", paywall=True),
        an_article(2, source_weight=20, language="en", event_id=1),
    ]
    chosen = CandidatePool(articles, now=MONDAY).edition(MOTOR, size=3, place_from=0, language="it")
    assert ids(chosen) == [2]


def test_general_papers_count_as_one_source_together(an_article: Make) -> None:
    murder = [an_article(n, event_id=1, general=n > 1) for n in range(1, 9)]
    sale = [an_article(n, event_id=20) for n in range(20, 23)]
    picked = edition([*murder, *sale])
    assert picked.stories[0].article.event == 20
    (other,) = [story for story in picked.stories if story.article.event == 1]
    assert len(other.also_in) == 7


async def test_our_own_editions_show_what_is_followed_once_each() -> None:
    found = await measure()
    assert found["editions"] == 35
    assert found["coverage"] >= 0.95
    assert found["repeated"] == 0
    assert "heavy_leads" not in found


async def test_leads_are_measured_by_labels_and_weights_that_were_learned_without_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    learned = {
        "Gucci shows a new bag for spring": Rated(StoryKind.LAUNCH, 0.9, 2.9),
        "Kering sells its perfume business": Rated(StoryKind.DEAL, 0.9, 0.3),
    }
    rows = [
        (headline_rows.of_text({"title": title}, real=False)[0], learned[title])
        for title in learned
    ]
    monkeypatch.setattr(editions, "DAYS", 1)
    monkeypatch.setattr(kinds, "rows", list)
    monkeypatch.setattr(
        kinds, "unseen", lambda _, __: [(kinds.KindRow(row), rated) for row, rated in rows]
    )
    table = tmp_path / "kinds.tsv"
    lines = [
        "language\tkind\tweight\ttitle",
        *(
            f"en\t{rated.kind}\t{weight}\t{title}"
            for (title, rated), weight in zip(learned.items(), (1, 2), strict=True)
        ),
    ]
    table.write_text("\n".join(lines), "utf-8")
    labelled = [{"title": title, "sections": ["style"], "group": "luxury"} for title in learned]
    (tmp_path / "labelled.jsonl").write_text("\n".join(map(json.dumps, labelled)), "utf-8")

    assert [row.rated for row in read(table)] == list(learned.values())
    found = await measure(table)

    assert found["editions"] == 3
    assert [found[key] for key in ("heavy_leads", "heaviest_leads", "no_news")] == [0, 0, 0]
    assert [found[key] for key in ("others", "best_others")] == [2, 1]
    assert [found[key] for key in ("struck", "heavy_left_out")] == [0, 0]
