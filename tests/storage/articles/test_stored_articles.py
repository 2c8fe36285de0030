from __future__ import annotations

import asyncio
from dataclasses import fields, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from storage.articles.article_filters import SearchFilter
from storage.articles.articles import Articles
from storage.desk.amendments import Amendments
from storage.model import Filing, NewSource, StoryKind, Taste
from storage.model.article_model import EventLink
from storage.model.body_model import Body
from tests.plugins.archive import FIRST, Archive, there
from tests.plugins.databases import migrated

if TYPE_CHECKING:
    from storage.db.database import Database
    from storage.model import Article

STYLE = Taste(follows=frozenset({"style"}))


def titles(found: list[Article]) -> list[str]:
    return [article.title for article in found]


async def candidates(archive: Archive, taste: Taste, **limits: int) -> list[str]:
    found = await archive.articles.candidates(
        taste,
        place_from=limits.get("place_from", 0),
        place_to=limits.get("place_to", 1_000_000),
        since=FIRST - timedelta(days=3),
    )
    return titles(found)


async def test_a_stored_article_reads_back_unchanged(archive: Archive) -> None:
    new = replace(
        archive.article(
            "Hermès",
            standfirst="In Paris.",
            body="One.\n\nTwo.",
            image="https://daily.example/i.jpg",
            language="fr",
            categories=("hermes", "style"),
        ),
        author="A. Writer",
        paywall=True,
        story_kind=StoryKind.DEAL,
        kind_certainty=0.7,
        weight=2.25,
    )
    stored = await archive.store(new)
    assert stored.new == (1,)
    article = there(await archive.articles.get(1))
    names = {each.name for each in fields(new)} & {each.name for each in fields(article)}
    assert {"link", "title", "standfirst", "image", "author", "published", "story_kind"} < names
    for name in names:
        assert getattr(article, name) == getattr(new, name), name
    assert article.id == article.story_id == 1
    assert (article.source_id, article.source) == (archive.source.id, "Daily")
    assert article.source_weight == archive.source.weight
    assert article.categories == ("hermes", "style")
    assert article.first_seen == FIRST
    assert article.has_body
    assert not article.backlog
    assert await archive.articles.body(1) == Body("One.\n\nTwo.")


async def test_an_article_without_a_body_says_so(archive: Archive) -> None:
    await archive.publish("Short")
    (article,) = await archive.articles.many([1])
    assert not article.has_body
    assert await archive.articles.body(1) is None


async def test_ids_go_from_the_oldest_of_a_round_to_its_newest(archive: Archive) -> None:
    await archive.store(archive.article("Later", minutes=5), archive.article("Earlier"))
    assert titles(await archive.articles.many([1, 2])) == ["Earlier", "Later"]
    assert await archive.articles.newest_id() == 2


async def test_an_empty_archive_is_at_place_0(archive: Archive) -> None:
    assert await archive.articles.newest_id() == 0
    assert await archive.articles.latest(Taste(), limit=5) == []
    assert await archive.articles.latest(STYLE, limit=5) == []
    assert await archive.articles.get(1) is None


async def test_many_returns_known_articles_in_the_order_asked_for(archive: Archive) -> None:
    await archive.store(*(archive.article(f"{n}", minutes=n) for n in range(4)))
    assert titles(await archive.articles.many([3, 1, 99, 4])) == ["2", "0", "3"]


async def test_storing_a_round_twice_changes_nothing(archive: Archive) -> None:
    articles = [archive.article(f"{n}", body="Text", minutes=n) for n in range(3)]
    await archive.store(*articles)
    stored = await archive.store(*articles, now=FIRST + timedelta(hours=1))
    assert (stored.new, stored.updated, stored.unchanged) == ((), (), 3)


async def test_an_edit_changes_the_words_and_keeps_id_story_time_and_place(
    archive: Archive,
) -> None:
    first = archive.article("Frist title", link="https://daily.example/1", categories=("style",))
    await archive.store(first)
    edited = replace(
        first,
        title="First title",
        standfirst="With a standfirst.",
        published=FIRST + timedelta(days=1),
        filings=(Filing("motor", "said so"),),
    )
    stored = await archive.store(edited, now=FIRST + timedelta(hours=1))
    assert (stored.new, stored.updated) == ((), (1,))
    (article,) = await archive.articles.many([1])
    assert (article.title, article.standfirst) == ("First title", "With a standfirst.")
    assert (article.published, article.first_seen) == (FIRST, FIRST)
    assert article.categories == ("motor",)
    assert await archive.titles_for("frist") == []
    assert await archive.titles_for("first") == ["First title"]
    assert await archive.articles.latest(STYLE, limit=5) == []
    assert len(await archive.articles.latest(Taste(frozenset({"motor"})), limit=5)) == 1


async def test_an_edit_brings_the_kind_of_its_new_words_and_another_source_only_a_missing_one(
    archive: Archive,
) -> None:
    first = archive.article("Prada", link="https://daily.example/1")
    other = await archive.sources.add(NewSource("Weekly", "https://weekly.example/feed"), FIRST)
    bought = replace(first, story_kind=StoryKind.DEAL, kind_certainty=0.7, weight=2.5)
    shown = replace(first, story_kind=StoryKind.SHOW, kind_certainty=0.4, weight=1.5)
    kinds = []
    await archive.store(first)
    for article, source in (
        (first, archive.source),
        (replace(shown, standfirst="In Milan."), other),
        (bought, archive.source),
        (replace(bought, title="Prada buys Versace"), archive.source),
    ):
        await archive.store(article, source=source)
        (stored,) = await archive.articles.many([1])
        kinds.append((stored.story_kind, stored.kind_certainty, stored.weight))
    show, deal = (StoryKind.SHOW, 0.4, 1.5), (StoryKind.DEAL, 0.7, 2.5)
    assert kinds == [(None, None, None), show, show, deal]


async def test_recent_articles_get_the_weight_that_they_lack_and_keep_what_editors_chose(
    archive: Archive, db: Database
) -> None:
    since = FIRST - timedelta(days=8)
    await archive.store(archive.article("Too old"), now=since - timedelta(seconds=1))
    await archive.store(archive.article("Oldest"), now=since)
    known = replace(archive.article("Known"), story_kind=StoryKind.SALE, weight=0.5)
    await archive.store(archive.article("Chosen"), known)
    await Amendments(db).weigh(3, kind=StoryKind.DEAL, person_id=77, now=FIRST)
    assert await archive.articles.unweighed(since, most=1) == [(3, "Chosen", "")]
    found = await archive.articles.unweighed(since, most=9)
    assert [title for _, title, _ in found] == ["Chosen", "Oldest"]
    for _ in range(2):
        await archive.articles.weigh(dict.fromkeys((2, 3, 4), (StoryKind.SHOW, 0.25, 1.5)))
    assert await archive.articles.unweighed(since, most=9) == []
    stored = await archive.articles.many([1, 2, 3, 4])
    assert [(each.story_kind, each.kind_certainty, each.weight) for each in stored] == [
        (None, None, None),
        (StoryKind.SHOW, 0.25, 1.5),
        (StoryKind.DEAL, 1, 1.5),
        (StoryKind.SALE, 0.25, 0.5),
    ]


async def test_an_edit_without_a_body_keeps_the_body_searchable(archive: Archive) -> None:
    first = archive.article("Title", link="https://daily.example/1", body="Ambergris.")
    await archive.store(first)
    await archive.store(replace(first, title="New title", body=None))
    assert await archive.articles.body(1) == Body("Ambergris.")
    assert await archive.titles_for("ambergris title") == ["New title"]


async def test_a_body_that_comes_later_is_an_edit(archive: Archive) -> None:
    first = archive.article("Title")
    await archive.store(first)
    stored = await archive.store(replace(first, body="Ambergris."))
    assert stored.updated == (1,)
    assert await archive.articles.body(1) == Body("Ambergris.")
    stored = await archive.store(replace(first, body="Ambergris and musk."))
    assert stored.updated == (1,)
    assert await archive.titles_for("musk") == ["Title"]


async def test_an_article_that_moved_is_found_by_its_new_link(archive: Archive) -> None:
    first = archive.article("Title", link="https://daily.example/1", guid="g")
    await archive.store(first)
    stored = await archive.store(replace(first, link="https://daily.example/2"))
    assert (stored.new, stored.updated, stored.unchanged) == ((), (), 1)
    assert await archive.articles.explain("https://daily.example/1") is None
    assert await archive.articles.explain("https://daily.example/2") is not None


async def test_a_link_that_two_sources_give_is_one_article(archive: Archive) -> None:
    other = await archive.sources.add(NewSource("Weekly", "https://weekly.example/feed"), FIRST)
    await archive.store(archive.article("Theirs", link="https://news.example/1"))
    stored = await archive.store(
        archive.article("Ours", link="https://news.example/1"), source=other
    )
    assert (stored.new, stored.updated, stored.unchanged) == ((), (), 1)
    assert titles(await archive.articles.latest(Taste(), limit=5)) == ["Theirs"]


async def test_another_source_adds_what_was_missing_and_replaces_nothing(archive: Archive) -> None:
    first = replace(archive.article("Hermès", language="fr"), paywall=False)
    other = await archive.sources.add(NewSource("Other", "https://other.example/feed"), FIRST)
    theirs = replace(
        archive.article("Hermès", standfirst="In Paris.", image="https://other.example/i.jpg"),
        author="A. Writer",
        language="it",
        paywall=True,
    )
    await archive.store(first)
    await archive.store(theirs, source=other)
    article = there(await archive.articles.get(1))
    assert (article.standfirst, article.author) == ("In Paris.", "A. Writer")
    assert article.image == "https://other.example/i.jpg"
    assert (article.language, article.paywall) == ("fr", False)


async def test_a_moved_article_gets_a_language_that_was_missing(archive: Archive) -> None:
    await archive.store(archive.article("Hermès", guid="1"))
    moved = archive.article("Hermès", guid="1", link="https://daily.example/new", language="fr")
    await archive.store(moved)
    article = there(await archive.articles.get(1))
    assert (article.link, article.language) == ("https://daily.example/new", "fr")


async def test_an_article_of_a_known_story_joins_it(archive: Archive) -> None:
    await archive.publish("The news")
    echo = archive.article("The same news", link="https://daily.example/echo", minutes=1)
    await archive.store(echo, stories={echo.link: 1})
    await archive.store(archive.article("Another", minutes=2))
    assert titles(await archive.articles.siblings([1])) == ["The news", "The same news"]
    assert len(await archive.articles.siblings([1, 3])) == 3


async def test_latest_is_the_newest_first_in_pages(archive: Archive) -> None:
    await archive.store(*(archive.article(f"{n}", minutes=n) for n in range(5)))
    assert titles(await archive.articles.latest(Taste(), limit=2)) == ["4", "3"]
    assert titles(await archive.articles.latest(Taste(), limit=2, offset=4)) == ["0"]


async def test_latest_reaches_back_until_its_page_is_full(archive: Archive) -> None:
    await archive.store(
        archive.article("Today", categories=("style",)),
        archive.article("A month ago", minutes=-30 * 1440, categories=("style",)),
        archive.article("Years ago", minutes=-900 * 1440, categories=("style",)),
        archive.article("Newest of all", minutes=9, categories=("motor",)),
    )
    for limit, expected in enumerate(["Today", "A month ago", "Years ago"], start=1):
        assert titles(await archive.articles.latest(STYLE, limit=limit))[-1] == expected
    assert len(await archive.articles.latest(STYLE, limit=10)) == 3


async def test_latest_can_leave_out_one_story(archive: Archive) -> None:
    new = [
        archive.article(f"{n}", minutes=n, categories=("style",), language="en") for n in range(4)
    ]
    await archive.store(*new, stories={new[3].link: 1})
    english = frozenset({"en"})
    for taste in (Taste(), STYLE, Taste(languages=english), replace(STYLE, languages=english)):
        for limit, left in ((1, ["2"]), (9, ["2", "1"])):
            found, _ = await archive.articles.latest_with_reports(
                taste, limit=limit, offset=0, without_event=1
            )
            assert titles(found) == left, taste


@pytest.mark.parametrize(
    "taste", [Taste(), STYLE, Taste(languages=frozenset({"en"})), Taste(frozenset({"motor"}))]
)
async def test_latest_of_a_source_includes_stories_that_others_had_first(
    archive: Archive, taste: Taste
) -> None:
    other = await archive.sources.add(NewSource("Weekly", "https://weekly.example/feed"), FIRST)
    categories, theirs = ("style", "motor"), SearchFilter(frozenset({other.id}))
    await archive.store(archive.article("First", categories=categories))
    echo = archive.article("Later", link="https://w.example/1", minutes=9, categories=categories)
    old = archive.article("Older", link="https://w.example/2", minutes=-9, categories=categories)
    await archive.store(echo, old, source=other, stories={echo.link: 1})
    every, latest = replace(taste, languages=frozenset()), archive.articles.latest
    assert titles(await latest(every, limit=5)) == ["First", "Older"]
    assert titles(await latest(taste, limit=5, only=theirs)) == ["Later", "Older"]
    assert titles(await latest(taste, limit=5, only=replace(theirs, since=FIRST))) == ["Later"]


async def test_an_article_in_two_followed_categories_comes_once(archive: Archive) -> None:
    await archive.store(archive.article("Both", categories=("style", "motor")))
    both = Taste(frozenset({"style", "motor"}))
    assert titles(await archive.articles.latest(both, limit=5)) == ["Both"]
    assert await candidates(archive, both) == ["Both"]


@pytest.mark.parametrize(
    ("taste", "expected"),
    [
        (STYLE, {"plain", "with motor", "in italiano", "古驰手袋", "a gold watch"}),
        (
            replace(STYLE, muted_categories=frozenset({"motor"})),
            {"plain", "in italiano", "古驰手袋", "a gold watch"},
        ),
        (
            replace(STYLE, muted_words=frozenset({"GÖLD"})),
            {"plain", "with motor", "in italiano", "古驰手袋"},
        ),
        (
            replace(STYLE, muted_words=frozenset({"old", "gol", "a watch"})),
            {"plain", "with motor", "in italiano", "古驰手袋", "a gold watch"},
        ),
        (
            replace(STYLE, muted_words=frozenset({"gold watch"})),
            {"plain", "with motor", "in italiano", "古驰手袋"},
        ),
        (
            replace(STYLE, muted_words=frozenset({"手袋"})),
            {"plain", "with motor", "in italiano", "a gold watch"},
        ),
        (
            replace(STYLE, muted_words=frozenset({"", "%", "_", "''"})),
            {"plain", "with motor", "in italiano", "古驰手袋", "a gold watch"},
        ),
        (
            replace(STYLE, languages=frozenset({"en"})),
            {"plain", "with motor", "古驰手袋", "a gold watch"},
        ),
    ],
)
async def test_a_taste_keeps_out_what_it_mutes(
    archive: Archive, taste: Taste, expected: set[str]
) -> None:
    await archive.store(
        archive.article("plain", categories=("style",)),
        archive.article("with motor", categories=("style", "motor")),
        archive.article("in italiano", categories=("style",), language="it"),
        archive.article("古驰手袋", categories=("style",)),
        archive.article("a gold watch", categories=("style",)),
        archive.article("only motor", categories=("motor",)),
    )
    assert set(titles(await archive.articles.latest(taste, limit=9))) == expected
    assert set(await candidates(archive, taste)) == expected


@pytest.mark.parametrize("few", [1, 2_500])
async def test_muted_words_are_kept_out_of_every_page(
    archive: Archive, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether the rows that were read are searched for them, or the database searches."""
    monkeypatch.setattr("storage.articles.newest.FEW_READ", few)
    await archive.store(
        *(
            archive.article(
                f"Story {n} of {'gold' if n % 7 else 'silver'}", categories=("style",), minutes=n
            )
            for n in range(400)
        )
    )
    for taste in (Taste(), STYLE):
        muting = replace(taste, muted_words=frozenset({"gold", "story 7"}))
        pages = [
            await archive.articles.latest(muting, limit=20, offset=offset)
            for offset in range(0, 80, 20)
        ]
        assert [title for page in pages for title in titles(page)] == [
            f"Story {n} of silver" for n in reversed(range(400)) if n % 7 == 0 and n != 7
        ]


async def test_a_muted_word_of_hangul_is_kept_out_with_any_particle(archive: Archive) -> None:
    await archive.store(
        *(
            archive.article(title, categories=("style",))
            for title in ("면세점이 문을 연다", "시내면세점")
        )
    )
    for word, kept in (("면세점", ["시내면세점"]), ("면", ["면세점이 문을 연다", "시내면세점"])):
        taste = replace(STYLE, muted_words=frozenset({word}))
        assert sorted(titles(await archive.articles.latest(taste, limit=9))) == kept


async def test_a_muted_word_in_the_standfirst_counts_too(archive: Archive) -> None:
    await archive.store(archive.article("Title", standfirst="Of GOLD.", categories=("style",)))
    taste = replace(STYLE, muted_words=frozenset({"gold"}))
    assert await archive.articles.latest(taste, limit=5) == []


async def test_candidates_of_an_edition_are_the_articles_between_its_places(
    archive: Archive,
) -> None:
    await archive.store(
        *(archive.article(f"{n}", minutes=n, categories=("style",)) for n in range(1, 6))
    )
    assert await candidates(archive, STYLE, place_from=2, place_to=4) == ["3", "4"]
    assert await candidates(archive, STYLE, place_from=5) == []


async def test_candidates_exclude_backlog_and_old_articles(archive: Archive) -> None:
    await archive.store(archive.article("Backlog", categories=("style",)), backlog=True)
    await archive.store(
        archive.article("Old", minutes=-3 * 1440 - 1, categories=("style",)),
        archive.article("Just in time", minutes=-3 * 1440, categories=("style",)),
    )
    assert await candidates(archive, STYLE) == ["Just in time"]
    assert len(await archive.articles.latest(STYLE, limit=5)) == 3


async def test_a_reader_who_follows_nothing_has_no_candidates(archive: Archive) -> None:
    await archive.store(archive.article("Any", categories=("style",)))
    assert await candidates(archive, Taste()) == []


async def test_a_week_counts_events_that_were_published_and_seen_in_it(archive: Archive) -> None:
    await archive.store(
        archive.article("New", categories=("style", "motor"), language="fr"),
        archive.article("Newer", minutes=5, categories=("style",)),
        archive.article("Old one of a new source", minutes=-20_000, categories=("style",)),
    )
    new = (await archive.articles.latest(Taste(frozenset({"motor"})), limit=1))[0]
    copy = archive.article("New, elsewhere", minutes=9, categories=("style", "motor", "art"))
    await archive.store(copy, stories={copy.link: new.story_id})
    other = archive.article("In other words", minutes=10, categories=("style", "business"))
    await archive.store(other, events={other.link: EventLink(new.event)})
    counted = {"style": 2, "motor": 1, "art": 1, "business": 1}
    assert await archive.articles.week_counts(FIRST) == counted
    assert await archive.articles.week_counts(FIRST + timedelta(minutes=1)) == {}
    # An article of unknown language counts in all.
    assert await archive.articles.week_counts(FIRST, frozenset({"fr"})) == counted
    others = {"style": 2, "motor": 1, "art": 1, "business": 1}
    assert await archive.articles.week_counts(FIRST, frozenset({"ko"})) == others


async def test_recent_returns_articles_published_or_seen_since(archive: Archive) -> None:
    await archive.store(archive.article("Old"), now=FIRST)
    later = FIRST + timedelta(days=1)
    await archive.store(archive.article("Old, seen late", minutes=1), now=later)
    await archive.store(archive.article("New", minutes=1500), now=later)
    assert titles(await archive.articles.recent(later)) == ["Old, seen late", "New"]


async def test_known_returns_articles_by_link_or_by_the_sources_ids(archive: Archive) -> None:
    other = await archive.sources.add(NewSource("Weekly", "https://weekly.example/feed"), FIRST)
    await archive.store(
        archive.article("One", link="https://daily.example/1", guid="a"),
        archive.article("Two", link="https://daily.example/2", guid="b", minutes=1),
    )
    await archive.store(
        archive.article("Three", link="https://weekly.example/3", guid="a"), source=other
    )
    by_id = await archive.articles.known(archive.source.id, ["a"], [])
    assert [known.title for known in by_id] == ["One"]
    found = await archive.articles.known(
        archive.source.id, {"a", "none"}, {"https://weekly.example/3", "https://daily.example/1"}
    )
    assert {known.title for known in found} == {"One", "Three"}
    many = [f"https://daily.example/{n}" for n in range(3000)]
    assert len(await archive.articles.known(archive.source.id, many, many)) == 2


async def test_explain_returns_the_reasons_of_an_articles_categories(archive: Archive) -> None:
    new = archive.article("Title", link="https://daily.example/1", categories=("gucci", "style"))
    await archive.store(replace(new, filings=(*new.filings, Filing("gucci", "again"))))
    explained = there(await archive.articles.explain("https://daily.example/1"))
    assert explained[0].categories == ("gucci", "style")
    assert explained[1] == (Filing("gucci", "says gucci"), Filing("style", "says style"))
    assert await archive.articles.explain("https://daily.example/none") is None


async def test_a_round_updates_its_sources_times_and_failures(archive: Archive) -> None:
    await archive.store(archive.article("New"))
    source = there(await archive.sources.get(archive.source.id))
    assert (source.last_ok, source.last_new, source.failures) == (FIRST, FIRST, 0)
    assert source.next_check == FIRST + timedelta(hours=1)
    later = FIRST + timedelta(hours=2)
    await archive.store(archive.article("New"), now=later)
    source = there(await archive.sources.get(archive.source.id))
    assert (source.last_ok, source.last_new) == (later, FIRST)


async def test_a_round_of_a_source_that_was_removed_leaves_no_trace(archive: Archive) -> None:
    await archive.sources.remove(archive.source.id)
    assert (await archive.store(archive.article("Late"))).new == ()
    assert await archive.articles.newest_id() == 0


async def test_the_articles_of_a_removed_source_stay_under_its_name(archive: Archive) -> None:
    await archive.publish("Stays")
    await archive.sources.remove(archive.source.id)
    assert [found.source for found in await archive.articles.latest(Taste(), limit=5)] == ["Daily"]


async def test_a_large_round_is_stored_completely(archive: Archive) -> None:
    articles = [
        archive.article(
            f"Title {n}", minutes=n, link=f"https://daily.example/{n}", categories=("style",)
        )
        for n in range(3000)
    ]
    assert len((await archive.store(*articles)).new) == 3000
    assert (await archive.store(*articles)).unchanged == 3000
    assert len(await archive.articles.many(range(1, 3001))) == 3000


async def test_rounds_of_two_processes_get_consecutive_ids(
    archive: Archive, database_url: str
) -> None:
    """A reader's place is an id: no id may appear below an existing one."""
    other = await migrated(database_url)
    gaps: list[int] = []
    missing = text("SELECT max(id) - count(*) FROM articles")

    async def store(archive: Archive, name: str) -> None:
        for turn in range(10):
            await archive.store(
                *(archive.article(f"{name}-{turn}-{n}", minutes=n) for n in range(3))
            )
            gaps.append(
                await archive.db.read(lambda connection: connection.execute(missing).scalar_one())
            )

    twin = replace(archive, db=other, articles=Articles(other))
    await asyncio.gather(*(store(archive, "a"), store(twin, "b"), store(archive, "c")))
    assert await archive.articles.newest_id() == 90
    assert len(await archive.articles.many(range(1, 91))) == 90
    assert gaps == [0] * 30
    await other.close()


async def test_an_article_with_a_naive_time_is_refused(archive: Archive) -> None:
    article = archive.article("Naive")
    with pytest.raises(ValueError, match="without a zone"):
        await archive.store(replace(article, published=article.published.replace(tzinfo=None)))
    assert await archive.articles.newest_id() == 0


async def test_an_article_in_two_simultaneous_rounds_is_stored_once(archive: Archive) -> None:
    articles = [archive.article(f"{n}", minutes=n) for n in range(5)]
    stored = await asyncio.gather(*(archive.store(*articles) for _ in range(4)))
    assert sorted(len(one.new) for one in stored) == [0, 0, 0, 5]


async def test_a_body_is_stored_with_the_kinds_of_its_paragraphs(archive: Archive) -> None:
    story = replace(archive.article("Gold", body="Part\n\nOne.\n\n\u2022 Two."), body_kinds="hpu")
    await archive.store(story, archive.article("Silver", body="One."))
    assert await archive.articles.body(1) == Body("Part\n\nOne.\n\n\u2022 Two.", "hpu")
    assert await archive.articles.body(2) == Body("One.")
    # Edited, and filled in by another source.
    await archive.store(replace(story, body="One.\n\nSaid.", body_kinds="pq"))
    assert await archive.articles.body(1) == Body("One.\n\nSaid.", "pq")
    await archive.store(replace(story, body="Three.", body_kinds=""))
    assert await archive.articles.body(1) == Body("Three.")
    assert await archive.titles_for("three") == ["Gold"]


async def test_a_body_from_another_source_is_stored_with_its_kinds(archive: Archive) -> None:
    other = await archive.sources.add(NewSource("Weekly", "https://weekly.example/feed"), FIRST)
    short = archive.article("Gold")
    await archive.store(short)
    await archive.store(replace(short, body="Part\n\nOne.", body_kinds="hp"), source=other)
    assert await archive.articles.body(1) == Body("Part\n\nOne.", "hp")
    await archive.store(replace(short, body="Others\n\nTwo.", body_kinds="qp"), source=other)
    assert await archive.articles.body(1) == Body("Part\n\nOne.", "hp")
