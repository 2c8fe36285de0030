"""`Something wrong?`: what readers say is wrong about a story, and what they hear of it."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from handlers.taps.amend_data import LeaveArticle
from handlers.taps.callback_data import AddSentence, Complain, OpenCard
from handlers.taps.desk_data import DeskPage, OpenDesk
from handlers.taps.link_payloads import complaint_link
from storage.model import Grade
from storage.model.desk_model import NO_RIGHTS, ComplaintKind, Rights, TipOutcome
from tests.handlers.conftest import ask, press
from tests.handlers.desk.acting import ON_EACH_DATABASE, rights, turned

if TYPE_CHECKING:
    from playground.people.people import BotMessage, Person
    from storage.desk.amendments import Amended
    from tests.handlers.desk.conftest import Newsdesk

STORY = 1
OLD = "This button no longer works"
LANGUAGES = {
    "en": ("More…", "Something wrong?", "Wrong fact", "Add a sentence"),
    "it": ("Altro…", "Qualcosa non va?", "Fatto sbagliato", "Aggiungi una frase"),
    "es": ("Más…", "¿Algo falla?", "Dato erróneo", "Añadir una frase"),
    "fr": ("Plus…", "Une erreur\u202f?", "Fait inexact", "Ajouter une phrase"),
    "zh": ("更多…", "有问题？", "事实有误", "添加一句话"),
}


async def asked(reader: Person, words: str = "Bentley adds") -> BotMessage:
    """Open a story's card, and return the question what is wrong with it."""
    await reader.send(f"/search {words}")
    await reader.tap("1", await reader.next())
    card = await turned(reader, "More…", await reader.next())
    return await press(reader, "Something wrong?", card)


async def notice(person: Person, button: str, message: BotMessage, begins: str) -> bool:
    """Tap, and return whether the notice begins so."""
    return ((await person.tap(button, message)).text or "").startswith(begins)


async def reported(reader: Person, kind: str = "Wrong fact") -> BotMessage:
    """Report a story, and return what the bot says."""
    answer = await turned(reader, kind, await asked(reader))
    assert answer.text.startswith("Sent to the editors, without your name.")
    return answer


async def at_desk(editor: Person, num: int = 1) -> BotMessage:
    """Open the only story that readers reported."""
    await editor.send("/desk")
    page = await turned(editor, f"Reported by readers ({num})", await editor.next())
    return await turned(editor, "1", page)


async def acted(newsdesk: Newsdesk, story: int, outcome: str) -> Amended:
    """Do what the outcome says, as an editor."""
    act, by = newsdesk.bureau.onnews.archive.amendments, newsdesk.eva.id
    now = newsdesk.bureau.clock.now
    match outcome:
        case "corrected":
            return await act.correct(story, title="Right", grade=Grade.FACT, person_id=by, now=now)
        case "refiled":
            return await act.refile(story, ["gucci"], person_id=by, now=now)
        case "hidden":
            return await act.hide(story, person_id=by, now=now)
        case _:
            return await act.withdraw(story, "Wrong.", person_id=by, now=now)


async def ticked(newsdesk: Newsdesk) -> None:
    ticks = newsdesk.bureau.onnews.ticks
    assert ticks is not None
    await ticks.run("desk")
    await newsdesk.bureau.heard()


@ON_EACH_DATABASE
async def test_who_reports_a_story_hears_once_that_it_was_left(newsdesk: Newsdesk) -> None:
    bureau, eva, olga = newsdesk.bureau, newsdesk.eva, newsdesk.olga
    rosa, carlo = await bureau.reader("Rosa"), await bureau.reader("Carlo")
    sent = await reported(rosa)
    question = await turned(rosa, "Add a sentence", sent)
    assert "one sentence" in question.text
    assert "300 characters" in (await ask(rosa, "x" * 301)).text
    assert (await ask(rosa, "It is <not> Mulliner")).text.startswith("Added.")
    await reported(carlo, "Old news")
    again = await turned(carlo, "Wrong section", await asked(carlo))
    assert "already reported" in again.text

    await eva.send("/desk")
    listed = await turned(eva, "Reported by readers (1)", await eva.next())
    assert listed.text.count("Bentley adds a wing") == 1
    assert "Old news, Wrong fact" in listed.text
    pages = [await turned(eva, "1", listed), await at_desk(olga)]
    assert "It is <not> Mulliner" in pages[0].text
    assert not any(name in pages[0].text for name in ("Rosa", str(rosa.id), "Carlo"))
    await ticked(newsdesk)
    assert rosa.unread() == []
    answer = await eva.tap("Leave as it is", pages[0])
    assert answer.text is not None
    assert answer.text.startswith("Left as it is.")
    await eva.next()
    answer = await olga.tap("Leave as it is", pages[1])
    assert answer.text is not None
    assert answer.text.startswith("This story has changed")
    await ticked(newsdesk)
    await ticked(newsdesk)
    for reader in (rosa, carlo):
        (heard,) = reader.unread()
        assert "left it as it is" in heard.text
        assert "Bentley adds a wing" in heard.text
    assert await bureau.onnews.archive.complaints.count() == 0
    await eva.send("/desk")
    journal = await turned(eva, "History", await eva.next())
    assert "Left as it is after readers reported it" in journal.text
    (undo,) = [label for label in journal.labels if label.startswith("Undo")]
    answer = await eva.tap(undo, journal)
    assert answer.text is not None
    assert answer.text.startswith("Something else has changed")


@ON_EACH_DATABASE
async def test_what_became_of_a_report_is_told_and_an_undone_act_is_not(
    newsdesk: Newsdesk,
) -> None:
    bureau, archive = newsdesk.bureau, newsdesk.bureau.onnews.archive
    rosa, eva = await bureau.reader("Rosa"), newsdesk.eva.id
    for outcome, words in (
        ("left", ""),
        ("corrected", "corrected a story"),
        ("refiled", "other categories"),
        ("hidden", "out of editions"),
        ("withdrawn", "withdrew a story"),
    ):
        bureau.clock.now += timedelta(hours=25)
        story = await bureau.desk.print_(f"Maserati shows number {outcome}", "motor")
        whose, now = (await bureau.subscriber(rosa)).id, bureau.clock.now
        _, number = await archive.complaints.add(whose, story, ComplaintKind.FACT, now)
        if outcome == "left":
            await archive.complaints.leave(story, newest=number, by=eva, now=now)
            last = await archive.journal.last_of_article(story)
            assert last is not None
            await archive.journal.undo(last.number, person_id=eva, now=now)
            assert await archive.complaints.count() == 1
            assert await archive.complaints.to_hear(9) == []
            # A new weight is no other category.
            await archive.amendments.weigh(story, weight=2, person_id=eva, now=now)
            assert await archive.complaints.to_hear(9) == []
            await archive.forgetting.forget(rosa.id)
            assert await archive.complaints.count() == 0
            await rosa.start()
            await rosa.until("Welcome")
            await bureau.heard()
            rosa.unread()
            continue
        done = await acted(newsdesk, story, outcome)
        await archive.journal.undo(done.act, person_id=eva, now=now)
        assert await archive.complaints.to_hear(9) == []
        assert await archive.complaints.count() == 1
        await acted(newsdesk, story, outcome)
        assert await archive.complaints.count() == 0
        await ticked(newsdesk)
        await ticked(newsdesk)
        assert [words in each.text for each in rosa.unread()].count(True) == 1


@ON_EACH_DATABASE
async def test_two_hundred_reports_at_once_are_five_and_two_of_one_story_one(
    newsdesk: Newsdesk,
) -> None:
    bureau, archive = newsdesk.bureau, newsdesk.bureau.onnews.archive
    rosa = await bureau.reader("Rosa")
    whose, now = (await bureau.subscriber(rosa)).id, bureau.clock.now
    stories = [await bureau.desk.print_(f"Story of no. {n}", "motor") for n in range(7)]
    found = await asyncio.gather(
        *(
            archive.complaints.add(whose, story, ComplaintKind.OLD, now)
            for story in stories
            for _ in range(30)
        )
    )
    assert [outcome for outcome, _ in found].count(TipOutcome.SENT) == 5
    assert await archive.complaints.count() == 5
    assert await archive.complaints.by_source() == {bureau.desk.source_id: 5}
    tomorrow = now + timedelta(hours=25)
    outcome, _ = await archive.complaints.add(whose, stories[6], ComplaintKind.GONE, tomorrow)
    assert outcome is TipOutcome.SENT


@ON_EACH_DATABASE
async def test_a_report_is_exported_and_forgotten_and_still_counts_that_day(
    newsdesk: Newsdesk,
) -> None:
    bureau, archive = newsdesk.bureau, newsdesk.bureau.onnews.archive
    rosa = await bureau.reader("Rosa")
    await reported(rosa)
    (one,) = (await archive.export.of(rosa.id, bureau.clock.now))["subscriptions"]
    assert [(each["title"], each["kind"]) for each in one["complaints"]] == [
        ("Bentley adds a wing to Mulliner", "f")
    ]
    await rosa.send("/forget")
    await rosa.tap("Yes, delete everything", await rosa.next())
    await rosa.until("Everything has been deleted")
    assert await archive.complaints.count() == 0
    memory = bureau.onnews.application.bot_data.memory
    assert memory.sent_before("complaints", rosa.id, bureau.clock.now) == 1
    assert memory.sent_before("tips", rosa.id, bureau.clock.now) == 0
    assert "Wrong" not in json.dumps(await archive.export.of(rosa.id, bureau.clock.now))


async def test_old_and_forged_buttons_report_nothing(newsdesk: Newsdesk) -> None:
    bureau, archive = newsdesk.bureau, newsdesk.bureau.onnews.archive
    rosa, carlo, will = [await bureau.reader(name) for name in ("Rosa", "Carlo", "Will")]
    question = await asked(rosa)
    number = STORY
    sent = await reported(carlo)
    (theirs,) = await archive.complaints.listed(limit=1)
    forged = (AddSentence(theirs.newest, on=True), Complain(number, "zz"), Complain(99, "f"))
    for tap in (*forged, LeaveArticle(number, theirs.newest), OpenDesk(DeskPage.COMPLAINTS)):
        assert await notice(rosa, tap.pack(), question, OLD)
    room = bureau.town.group("Room", [rosa], settled=True)
    await rosa.send("/help@OnNewsBot", room)
    in_room = await rosa.next(room)
    assert await notice(rosa, Complain(number, "f").pack(), in_room, OLD)
    # A demoted editor's tap, and a writer's.
    await rights(newsdesk, will, Rights(publish=True))
    page = await at_desk(will)
    await rights(newsdesk, will, Rights(write=True))
    assert await notice(will, "Leave as it is", page, "You can write drafts")
    bureau.clock.now += timedelta(seconds=3)
    await rights(newsdesk, will, NO_RIGHTS)
    assert await notice(will, "Leave as it is", page, OLD)
    # The story is withdrawn before the reader taps.
    await acted(newsdesk, number, "withdrawn")
    assert await notice(rosa, "Wrong fact", question, "This story was withdrawn.")
    assert await notice(carlo, "Add a sentence", sent, OLD)


async def test_in_a_group_the_button_leads_to_the_private_chat(newsdesk: Newsdesk) -> None:
    bureau = newsdesk.bureau
    rosa = await bureau.reader("Rosa")
    room = bureau.town.group("Room", [rosa], settled=True)
    await rosa.send("/latest@OnNewsBot", room)
    await rosa.tap("1", await rosa.next(room))
    card = await rosa.next(room)
    await rosa.tap("More…", card)
    card = await rosa.next(room)
    number = STORY
    assert "Something wrong?" in card.labels
    question = await ask(rosa, f"/start {complaint_link(number)}")
    assert question.labels == ["Wrong fact", "Wrong section", "Old news", "No longer there"]


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_story_is_reported_in_each_language(newsdesk: Newsdesk, language: str) -> None:
    bureau = newsdesk.bureau
    rosa = bureau.town.person("Rosa", language_code=language)
    more, wrong, kind, add = LANGUAGES[language]
    number = STORY
    question = await ask(rosa, f"/start {complaint_link(number)}")
    sent = await turned(rosa, kind, question)
    assert sent.labels == [add]
    asked_ = await turned(rosa, add, sent)
    assert asked_.text != sent.text
    await ask(rosa, "no")
    await rosa.tap(OpenCard(number).pack(), asked_)
    card = await turned(rosa, more, await rosa.next())
    assert wrong in card.labels


async def test_a_sentence_that_comes_after_the_editors_decided_is_not_kept(
    newsdesk: Newsdesk,
) -> None:
    bureau = newsdesk.bureau
    rosa = await bureau.reader("Rosa")
    await turned(rosa, "Add a sentence", await reported(rosa))
    await acted(newsdesk, STORY, "corrected")
    await rosa.send("It was Monday")
    assert (await rosa.next()).text.startswith("The editors have decided about this story")
    (one,) = (await bureau.onnews.archive.export.of(rosa.id, bureau.clock.now))["subscriptions"]
    assert one["complaints"][0]["words"] == ""


async def test_a_hidden_story_takes_no_report_and_its_old_link_opens_its_card(
    newsdesk: Newsdesk,
) -> None:
    bureau = newsdesk.bureau
    rosa = await bureau.reader("Rosa")
    question = await asked(rosa)
    await acted(newsdesk, STORY, "hidden")
    assert await notice(rosa, "Wrong fact", question, OLD)
    await rosa.send(f"/start {complaint_link(STORY)}")
    card = await turned(rosa, "More…", await rosa.next())
    assert "Something wrong?" not in card.labels
    await acted(newsdesk, STORY, "withdrawn")
    assert "Withdrawn" in (await ask(rosa, f"/start {complaint_link(STORY)}")).text
    assert await bureau.onnews.archive.complaints.by_source() == {}


async def test_a_banned_reader_reports_nothing_and_hears_nothing(newsdesk: Newsdesk) -> None:
    bureau, archive = newsdesk.bureau, newsdesk.bureau.onnews.archive
    rosa, carlo = [await bureau.reader(name) for name in ("Rosa", "Carlo")]
    sent, question = await reported(rosa), await asked(carlo)
    for reader in (rosa, carlo):
        await ask(newsdesk.olga, f"/ban {reader.id}")
    await bureau.heard()
    await carlo.tap("Wrong fact", question)
    await rosa.tap("Add a sentence", sent)
    await rosa.send("It was Monday")
    await acted(newsdesk, STORY, "corrected")
    for reader in (rosa, carlo):
        reader.unread()
    await ticked(newsdesk)
    assert rosa.unread() == carlo.unread() == []
    assert sum((await archive.complaints.by_source()).values()) <= 1
    assert await archive.complaints.to_hear(9) == []


async def test_a_card_sent_to_a_friend_has_no_button_that_reports(newsdesk: Newsdesk) -> None:
    rosa = await newsdesk.bureau.reader("Rosa")
    await rosa.send("/search Bentley adds")
    await rosa.tap("1", await rosa.next())
    query = (await rosa.tap("Send", await rosa.next())).inline_query
    assert query is not None
    (result,) = await rosa.inline(query)
    assert "callback_data" not in json.dumps(result.raw["reply_markup"])
