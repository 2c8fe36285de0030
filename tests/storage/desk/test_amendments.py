"""What editors decide about articles, and that a source's next reading undoes nothing."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text, update

from storage.articles.articles import Articles
from storage.db.database import Database
from storage.db.dialect import AdvisoryLock, take_turns
from storage.desk.amended_rows import ChangedMeanwhileError, NoSuchArticleError, seen_as, weighed_as
from storage.desk.amendments import Amendments, SameEventError
from storage.desk.corrections import Corrections
from storage.desk.drafts import Drafts
from storage.desk.journal import Journal
from storage.desk.labels import all_labels
from storage.desk.pins import Pins
from storage.desk.undoing import UNDOES
from storage.migrations.open_migrated import open_migrated
from storage.model import (
    ArticleState,
    Filing,
    Grade,
    NewSource,
    Round,
    Stored,
    StoryKind,
    Taste,
)
from storage.model.article_model import EventLink
from storage.model.desk_model import ActKind, UndoOutcome
from storage.model.matter_model import EventOfMatter, EventWords
from storage.sources.sources import Sources
from storage.tables.correction_schema import corrections
from tests.plugins.records import a_new_article
from tests.storage.desk.draft_texts import TEXT

if TYPE_CHECKING:
    from storage.model import Article
    from storage.model.desk_model import ArticleDraft

NOW = datetime(2026, 11, 30, 9, tzinfo=UTC)
EDITOR = 77
LINK = "https://gazette.example/{}"


class Archive:
    """An archive with one source, and its desk."""

    def __init__(self, db: Database) -> None:
        self.articles = Articles(db)
        self.sources = Sources(db)
        self.amendments = Amendments(db)
        self.corrections = Corrections(db)
        self.drafts = Drafts(db)
        self.pins = Pins(db)
        self.journal = Journal(db, UNDOES)
        self.source_id = 0
        self.labels = partial(db.read, all_labels)

    async def open(self) -> Archive:
        source = await self.sources.add(NewSource("Gazette", "https://gazette.example/f"), NOW)
        self.source_id = source.id
        return self

    async def says(
        self,
        number: int,
        title: str,
        *,
        event: int | None = None,
        words: str = "",
        **changes: object,
    ) -> Stored:
        """Let the source list an article; with `words` it begins an event of the first's matter."""
        link = LINK.format(number)
        more = {"standfirst": "A standfirst.", "body": "A body."} | changes
        new = a_new_article(link, title, NOW - timedelta(hours=2), "motor", **more)
        round_ = Round(
            self.source_id,
            NOW,
            NOW + timedelta(hours=1),
            3600,
            articles=(new,),
            events={} if event is None else {link: EventLink(event)},
        )
        if words:
            begins = EventLink(None, link, words=EventWords(words, tuple(words.split())))
            round_ = replace(round_, events={link: begins})
        first = EventOfMatter(1, 1, "", NOW)
        stored = await self.articles.store_all([round_], nearest_of=lambda *_: first)
        return stored[0]

    async def get(self, number: int = 1) -> Article:
        article = await self.articles.get(number)
        assert article is not None
        return article

    async def found(self, words: str) -> list[int]:
        return [each.id for each in await self.articles.search(words, limit=9)]

    async def listed(self, *follows: str) -> list[int]:
        taste = Taste(frozenset(follows))
        return [each.id for each in await self.articles.latest(taste, limit=9)]

    async def publish(self, draft: ArticleDraft | None) -> int:
        """Publish a draft as the first article, and return the number of the act."""
        assert draft is not None
        begun = await self.drafts.begin_publishing(draft, LINK.format(1), by=EDITOR, now=NOW)
        assert begun is not None
        return await self.drafts.finish_publishing(begun, 1, NOW)

    async def undo(self, act: int) -> UndoOutcome:
        return await self.journal.undo(act, person_id=EDITOR, now=NOW)


@pytest.fixture
async def archive(db: Database) -> Archive:
    return await Archive(db).open()


async def test_a_corrected_headline_outlives_the_next_reading(
    archive: Archive,
) -> None:
    await archive.says(1, "Prada buys Versase")
    await archive.amendments.correct(
        1, title="Prada buys Versace", grade=Grade.TYPO, person_id=EDITOR, now=NOW
    )
    for _ in range(2):
        again = await archive.says(1, "Prada buys Versase")
        assert (again.updated, again.unchanged) == ((), 1)
    assert (await archive.get()).title == "Prada buys Versace"
    assert await archive.found("versace") == [1]
    assert await archive.found("versase") == []


async def test_a_source_still_changes_what_no_editor_decided(archive: Archive) -> None:
    await archive.says(1, "Prada buys Versase")
    await archive.amendments.correct(
        1, title="Prada buys Versace", grade=Grade.TYPO, person_id=EDITOR, now=NOW
    )
    await archive.says(1, "PRADA BUYS", standfirst="Signed today.", body="More.")
    article = await archive.get()
    assert (article.title, article.standfirst) == ("Prada buys Versace", "Signed today.")
    assert await archive.found("more signed") == [1]


async def test_an_undone_correction_waits_for_its_turn_before_it_locks_the_earlier_one(
    postgresql_url: str,
) -> None:
    db = Database(postgresql_url)
    await open_migrated(db)
    archive = await Archive(db).open()
    await archive.says(1, "Prada buys Versase")
    done = await archive.amendments.correct(
        1, title="Prada buys Versace", grade=Grade.FACT, person_id=EDITOR, now=NOW
    )
    waits = text(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    # As whoever closes a correction: the turn, then the row.
    async with db.writing() as other:
        await other.run_sync(take_turns, AdvisoryLock.CORRECTIONS)
        undoing = asyncio.create_task(archive.undo(done.act))
        async with asyncio.timeout(60), db.reading() as looking:
            while not await looking.scalar(waits):  # noqa: ASYNC110 - nothing there could wake us
                await asyncio.sleep(0)
        await other.execute(update(corrections).values(done=NOW))
    assert await undoing is UndoOutcome.UNDONE
    await db.close()


async def test_an_undone_correction_shows_what_the_source_says_by_now(archive: Archive) -> None:
    await archive.says(1, "Prada buys Versase")
    done = await archive.amendments.correct(
        1, title="Prada buys Versace", grade=Grade.FACT, person_id=EDITOR, now=NOW
    )
    await archive.says(1, "Prada takes Versace")
    assert await archive.undo(done.act) is UndoOutcome.UNDONE
    assert (await archive.get()).title == "Prada takes Versace"
    await archive.says(1, "Prada has Versace")
    assert (await archive.get()).title == "Prada has Versace"


async def test_a_refiled_article_stays_where_the_editor_filed_it(archive: Archive) -> None:
    await archive.says(1, "Prada buys Versace")
    done = await archive.amendments.refile(1, ["style", "china"], person_id=EDITOR, now=NOW)
    await archive.says(1, "Prada bought Versace", filings=(Filing("motor", "car"),))
    assert (await archive.get()).categories == ("style", "china")
    assert await archive.listed("style") == [1]
    assert await archive.listed("motor") == []
    act = await archive.journal.act(done.act)
    assert act is not None
    assert (act.kind, act.after["categories"]) == (ActKind.REFILE, ["style", "china"])


async def test_a_kind_and_a_weight_that_an_editor_chose_outlive_the_next_reading(
    archive: Archive,
) -> None:
    learned: dict[str, Any] = {"story_kind": StoryKind.SHOW, "kind_certainty": 0.4, "weight": 0.5}
    await archive.says(1, "Prada buys Versace", **learned)
    seen = weighed_as(await archive.get())
    by: dict[str, Any] = {"person_id": EDITOR, "now": NOW}
    kind = await archive.amendments.weigh(1, kind=StoryKind.DEAL, seen=seen, **by)
    with pytest.raises(ChangedMeanwhileError):
        await archive.amendments.weigh(1, weight=0, seen=seen, **by)
    weight = await archive.amendments.weigh(1, weight=3, **by)
    later: dict[str, Any] = {"story_kind": StoryKind.SHOW, "kind_certainty": 0.3, "weight": 0.25}
    await archive.says(1, "Prada bought Versace", **later)
    await archive.amendments.hide(1, **by)
    shown = await archive.amendments.show(1, **by)
    article = shown.article
    assert (article.story_kind, article.kind_certainty, article.weight) == (StoryKind.DEAL, 1, 3)
    for act, after in ((kind, {"story_kind": "deal"}), (weight, {"weight": 3})):
        found = await archive.journal.act(act.act)
        assert found is not None
        assert (found.kind, found.after) == (ActKind.REFILE, after)


async def test_an_undone_kind_is_the_learned_one_again_and_follows_the_source(
    archive: Archive,
) -> None:
    learned: dict[str, Any] = {"story_kind": StoryKind.SHOW, "kind_certainty": 0.4, "weight": 0.5}
    by: dict[str, Any] = {"person_id": EDITOR, "now": NOW}

    async def story() -> tuple[StoryKind | None, float | None, float | None]:
        article = await archive.get()
        return article.story_kind, article.kind_certainty, article.weight

    await archive.says(1, "Prada buys Versace", **learned)
    kind = await archive.amendments.weigh(1, kind=StoryKind.DEAL, **by)
    weight = await archive.amendments.weigh(1, weight=3, **by)
    assert await archive.undo(kind.act) is UndoOutcome.CHANGED_SINCE
    assert await archive.undo(weight.act) is UndoOutcome.UNDONE
    assert await story() == (StoryKind.DEAL, 1, 0.5)
    await archive.says(1, "Prada bought Versace", **{**learned, "weight": 2.25})
    assert await story() == (StoryKind.DEAL, 1, 2.25)
    assert await archive.undo(kind.act) is UndoOutcome.UNDONE
    assert await story() == (StoryKind.SHOW, 0.4, 2.25)
    assert await archive.labels() == []
    later: dict[str, Any] = {"story_kind": StoryKind.MOVE, "kind_certainty": 0.6, "weight": 1.5}
    await archive.says(1, "Prada’s chief leaves", **later)  # an apostrophe
    assert await story() == (StoryKind.MOVE, 0.6, 1.5)


async def test_a_hidden_article_is_in_no_list_edition_or_search(archive: Archive) -> None:
    await archive.says(1, "Prada buys Versace")
    await archive.says(2, "Ferrari raises its forecast")
    done = await archive.amendments.hide(1, person_id=EDITOR, now=NOW)
    await archive.says(1, "Prada buys Versace!")
    assert await archive.listed("motor") == [2]
    assert await archive.listed() == [2]
    assert await archive.found("versace") == []
    in_few = await archive.articles.search("versace", languages=frozenset({"en"}), limit=9)
    assert list(in_few) == []
    assert [each.id for each in await archive.articles.recent(NOW - timedelta(days=1))] == [2]
    taste = Taste(frozenset({"motor"}))
    candidates = await archive.articles.candidates(
        taste, place_from=0, place_to=9, since=NOW - timedelta(days=1)
    )
    assert [each.id for each in candidates] == [2]
    assert await archive.undo(done.act) is UndoOutcome.UNDONE
    assert sorted(await archive.listed("motor")) == [1, 2]
    assert await archive.found("versace") == [1]


async def test_a_withdrawn_article_has_a_reason_and_a_correction(
    archive: Archive,
) -> None:
    await archive.says(1, "Prada buys Versace")
    done = await archive.amendments.withdraw(1, "Not signed.", person_id=EDITOR, now=NOW)
    article = await archive.get()
    assert article.state is ArticleState.WITHDRAWN
    assert await archive.amendments.reason(1) == "Not signed."
    assert done.correction is not None
    correction = await archive.corrections.get(done.correction)
    assert correction is not None
    assert (correction.grade, correction.reason) == (Grade.WITHDRAWN, "Not signed.")


async def test_no_withdrawal_is_undone_once_the_publication_itself_was(archive: Archive) -> None:
    await archive.says(1, "Prada buys Versace")
    publication = await archive.publish(await archive.drafts.add(TEXT, by=EDITOR, now=NOW))
    withdrawal = await archive.amendments.withdraw(1, "Not signed.", person_id=EDITOR, now=NOW)
    assert await archive.undo(publication) is UndoOutcome.UNDONE
    assert await archive.undo(withdrawal.act) is UndoOutcome.CHANGED_SINCE
    assert (await archive.get()).state is ArticleState.WITHDRAWN
    assert await archive.listed() == []


async def test_a_withdrawal_is_undone_while_its_publication_stands(archive: Archive) -> None:
    await archive.says(1, "Prada buys Versace")
    draft = await archive.drafts.add(TEXT, by=EDITOR, now=NOW)
    first = await archive.publish(draft)
    assert await archive.undo(first) is UndoOutcome.UNDONE
    await archive.publish(await archive.drafts.get(draft.id))
    withdrawal = await archive.amendments.withdraw(1, "Not signed.", person_id=EDITOR, now=NOW)
    assert await archive.undo(withdrawal.act) is UndoOutcome.UNDONE
    assert await archive.listed() == [1]


async def test_no_withdrawn_article_leads_again(archive: Archive) -> None:
    await archive.says(1, "Prada buys Versace")
    until = NOW + timedelta(hours=4)
    await archive.pins.lead(1, until, (), person_id=EDITOR, now=NOW)
    await archive.pins.lead(1, None, (), person_id=EDITOR, now=NOW)
    ending = await archive.journal.last_of_article(1, ActKind.LEAD)
    assert ending is not None
    withdrawal = await archive.amendments.withdraw(1, "Not signed.", person_id=EDITOR, now=NOW)
    assert await archive.undo(ending.number) is UndoOutcome.CHANGED_SINCE
    assert await archive.undo(withdrawal.act) is UndoOutcome.UNDONE
    assert await archive.undo(ending.number) is UndoOutcome.UNDONE


async def test_joined_events_are_told_together_and_can_be_undone(archive: Archive) -> None:
    await archive.says(1, "Prada buys Versace")
    await archive.says(2, "Versace sold to Prada")
    await archive.says(3, "Versace deal signed", event=2)
    done = await archive.amendments.join(2, 1, person_id=EDITOR, now=NOW)
    assert {(await archive.get(number)).event for number in (1, 2, 3)} == {1}
    await archive.says(2, "Versace is sold to Prada")
    assert (await archive.get(2)).event == 1
    assert await archive.undo(done.act) is UndoOutcome.UNDONE
    assert [(await archive.get(number)).event for number in (1, 2, 3)] == [1, 2, 2]


@pytest.mark.parametrize(
    ("other", "error"), [(1, SameEventError), (2, SameEventError), (9, NoSuchArticleError)]
)
async def test_an_article_joins_neither_itself_nor_its_event_nor_an_unknown_one(
    archive: Archive, other: int, error: type[Exception]
) -> None:
    await archive.says(1, "Prada buys Versace")
    await archive.says(2, "Versace sold to Prada", event=1)
    with pytest.raises(error):
        await archive.amendments.join(1, other, person_id=EDITOR, now=NOW)
    assert await archive.journal.last_of_article(1) is None


@pytest.mark.parametrize("leaves", [1, 2, 3])
async def test_a_parted_article_leaves_the_others_together(archive: Archive, leaves: int) -> None:
    await archive.says(1, "Prada buys Versace")
    await archive.says(2, "Versace sold to Prada", event=1)
    await archive.says(3, "Versace deal signed", event=1)
    done = await archive.amendments.part(leaves, person_id=EDITOR, now=NOW)
    events = {number: (await archive.get(number)).event for number in (1, 2, 3)}
    alone = events.pop(leaves)
    assert len(set(events.values())) == 1
    assert alone not in events.values()
    assert await archive.undo(done.act) is UndoOutcome.UNDONE
    assert {(await archive.get(number)).event for number in (1, 2, 3)} == {1}


@pytest.mark.parametrize("leaves", [1, 2])
async def test_a_parted_article_leaves_the_others_in_their_matter(
    archive: Archive, leaves: int
) -> None:
    await archive.says(1, "Prada buys Versace", words="prada versac")
    await archive.says(2, "Versace sold to Prada", event=1)
    await archive.says(3, "Prada closes the deal", words="prada clos")
    done = await archive.amendments.part(leaves, person_id=EDITOR, now=NOW)
    stays = 3 - leaves

    async def matter() -> set[int]:
        return {each.id for each in await archive.articles.of_matter(3)}

    assert stays in await matter()
    assert (leaves in await matter()) == (leaves == 1)
    await archive.undo(done.act)
    assert await matter() == {1, 2, 3}
    await archive.amendments.withdraw(2, "It is wrong.", person_id=EDITOR, now=NOW)
    assert await matter() == {1, 3}


async def test_what_is_joined_to_an_event_is_of_its_matter(archive: Archive) -> None:
    await archive.says(1, "Prada buys Versace", words="prada versac")
    await archive.says(2, "Prada closes the deal", words="prada clos")
    await archive.says(3, "Versace sold to Prada")
    done = await archive.amendments.join(3, 1, person_id=EDITOR, now=NOW)
    assert {each.id for each in await archive.articles.of_matter(2)} == {1, 2, 3}
    await archive.undo(done.act)
    assert {each.id for each in await archive.articles.of_matter(2)} == {1, 2}


async def test_the_second_of_two_editors_is_told_of_the_first(archive: Archive) -> None:
    await archive.says(1, "Prada buys Versase")
    seen = seen_as(await archive.get())
    first = await archive.amendments.correct(
        1, title="Prada buys Versace", grade=Grade.TYPO, person_id=EDITOR, now=NOW, seen=seen
    )
    with pytest.raises(ChangedMeanwhileError):
        await archive.amendments.hide(1, person_id=78, now=NOW, seen=seen)
    await archive.amendments.hide(1, person_id=78, now=NOW)
    assert await archive.undo(first.act) is UndoOutcome.CHANGED_SINCE


async def test_an_article_that_retention_deleted_cannot_be_corrected(archive: Archive) -> None:
    with pytest.raises(NoSuchArticleError):
        await archive.amendments.correct(9, title="x", grade=Grade.FACT, person_id=EDITOR, now=NOW)
    assert await archive.corrections.open() == []
