"""Open questions end by Back, any other button and any command of the person who was asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest

from handlers.core.origin import Asker
from handlers.core.services.memory import JOURNEY, Awaited, DeskSubject
from handlers.taps.amend_data import AmendedField, AskArticle, AskField, JoinWith
from handlers.taps.callback_data import (
    AddSentence,
    AskChannel,
    AskLocation,
    AskWord,
    OpenCard,
    OpenManaged,
    OpenSheet,
    OpenYours,
    Pick,
    PickLetter,
    PickPage,
    SetAlerts,
    SetValue,
    Sheet,
    Tab,
)
from handlers.taps.desk_data import (
    AskEditor,
    DeskPage,
    DraftAct,
    NameMe,
    OnDraft,
    OpenDesk,
    OpenEditors,
)
from handlers.taps.filing_data import (
    EndFiling,
    FiledKind,
    FileUnder,
    FilingLetter,
    FilingPage,
    OpenFiling,
)
from storage.desk.amended_rows import seen_as
from storage.model.desk_model import ComplaintKind
from tests.handlers.conftest import ask, press
from tests.handlers.desk.acting import opened_story
from tests.handlers.desk.pages import text_of

if TYPE_CHECKING:
    from handlers.taps.callback_codec import Tap
    from playground.people.people import Message, Person, Room
    from storage.model import Article
    from tests.handlers.conftest import Bureau
    from tests.handlers.desk.conftest import Newsdesk


class Way(NamedTuple):
    """How a question is asked, and the button that leads back from it."""

    asks: Tap
    back: Tap


MAIN = OpenSheet(Sheet.MAIN)
HOME = OpenDesk(DeskPage.HOME)
DRAFT = OnDraft(DraftAct.OPEN, 1, 1)
CHANNEL = "channel"
QUESTIONS = {
    Awaited.HOUR: Way(OpenSheet(Sheet.HOUR), MAIN),
    Awaited.EVENING: Way(OpenSheet(Sheet.EVENING), MAIN),
    Awaited.CITY: Way(OpenSheet(Sheet.ZONE), MAIN),
    Awaited.DATE: Way(OpenSheet(Sheet.PAUSE), MAIN),
    Awaited.QUIET: Way(OpenSheet(Sheet.ALERTS), MAIN),
    Awaited.WORD: Way(AskWord(mute=True), OpenYours(0)),
    Awaited.FOLLOW_WORD: Way(AskWord(mute=False), OpenYours(0)),
    Awaited.PICK: Way(PickPage(Tab.SECTIONS, 0, journey=False), MAIN),
    DeskSubject.NAME: Way(NameMe(asks=True), HOME),
    DeskSubject.EDITOR: Way(AskEditor(), OpenEditors()),
    DeskSubject.DRAFT: Way(DRAFT, HOME),
    DeskSubject.PARTS: Way(OnDraft(DraftAct.EDIT, 1, 1), DRAFT),
    DeskSubject.HEADLINE: Way(OnDraft(DraftAct.HEADLINE, 1, 1), DRAFT),
    DeskSubject.STANDFIRST: Way(OnDraft(DraftAct.STANDFIRST, 1, 1), DRAFT),
    DeskSubject.PICTURE: Way(OnDraft(DraftAct.PICTURE, 1, 1), DRAFT),
    DeskSubject.CATEGORY: Way(
        OpenFiling(FiledKind.DRAFT, 1, "1"), EndFiling(FiledKind.DRAFT, 1, keep=False)
    ),
    DeskSubject.TIME: Way(OnDraft(DraftAct.TIME, 1, 1), DRAFT),
    DeskSubject.FIND: Way(AskArticle(), HOME),
    DeskSubject.AMEND: Way(AskField(1, AmendedField.REASON, fact=False, seen="1"), HOME),
    DeskSubject.COMPLAINT: Way(AddSentence(1, on=True), AddSentence(1, on=False)),
    CHANNEL: Way(AskChannel(), OpenManaged()),
}
"""Every question; those of a newcomer's journey go on by themselves, until it ends."""
CONTINUED = {
    Awaited.PICK: (
        PickPage(Tab.HOUSES, 0, journey=False),
        PickLetter("G", 0, journey=False),
        Pick("gucci", on=True, journey=False),
    ),
    Awaited.CITY: (AskLocation(),),
    Awaited.QUIET: (SetValue("alerts-a-day", "3"), SetAlerts("gucci", on=True, page=0)),
    DeskSubject.CATEGORY: (
        FilingPage(FiledKind.DRAFT, 1, Tab.HOUSES, 0),
        FilingLetter(FiledKind.DRAFT, 1, "G", 0),
        FileUnder(FiledKind.DRAFT, 1, "gucci", on=True),
    ),
}
"""Buttons that belong to a question, which they leave open."""
BUTTONS = {"a story's button": OpenCard(1).pack(), "an old button": "z0:none"}
COMMANDS = {"a command": "/saved", "an unknown command": "/cancel"}


def asked(bureau: Bureau, person: Person, room: Room | None = None, *, group: bool = False) -> str:
    """Return what is asked of a person, or of the group as which a person writes; "" for nothing.

    A draft that is only shown asks nothing of its editor.
    """
    memory, now = bureau.onnews.application.bot_data.memory, bureau.clock.now
    chat_id = person.id if room is None else room.id
    asker = Asker(chat_id if group else person.id, chat_id, 0)
    if memory.channel_asked.get(chat_id, now):
        return CHANNEL
    question = memory.questions.get(asker, now) or memory.desk_questions.get(asker, now)
    return "" if question is None else question.what


async def tap(bureau: Bureau, person: Person, data: str, message: Message) -> None:
    # The same button twice within two seconds is one tap.
    bureau.clock.pass_(seconds=3)
    # Without its buttons, of which one may have the data in its text.
    await person.tap(data, type(message)(message.record, {"message_id": message.id}))


async def command(bureau: Bureau, person: Person, text: str, room: Room | None = None) -> None:
    await person.send(text, room)
    await bureau.heard()


def test_the_table_has_every_question() -> None:
    assert set(QUESTIONS) == {*Awaited, *DeskSubject, CHANNEL} - JOURNEY


@pytest.mark.parametrize("question", QUESTIONS)
async def test_back_any_other_button_and_any_command_end_an_open_question(
    question: str, newsdesk: Newsdesk
) -> None:
    bureau, olga = newsdesk.bureau, newsdesk.olga
    await bureau.onnews.archive.drafts.add(text_of(1), by=olga.id, now=bureau.clock.now)
    reader, now = await bureau.subscriber(olga), bureau.clock.now
    await bureau.onnews.archive.complaints.add(reader.id, 1, ComplaintKind.FACT, now)
    message = await ask(olga, "/desk")
    asks, back = (each.pack() for each in QUESTIONS[question])
    for data in (back, *BUTTONS.values()):
        await tap(bureau, olga, asks, message)
        assert asked(bureau, olga) == question
        await tap(bureau, olga, data, message)
        # The draft to which a button leads back takes a picture, and no text.
        still = {"", DeskSubject.DRAFT} if data == DRAFT.pack() or "zcd" in data else {""}
        assert asked(bureau, olga) in still, data
    for text in COMMANDS.values():
        await tap(bureau, olga, asks, message)
        assert asked(bureau, olga) == question
        await command(bureau, olga, text)
        assert asked(bureau, olga) == "", text


@pytest.mark.parametrize("question", CONTINUED)
async def test_the_buttons_of_a_question_leave_it_open(
    question: Awaited | DeskSubject, newsdesk: Newsdesk
) -> None:
    bureau, olga = newsdesk.bureau, newsdesk.olga
    await bureau.onnews.archive.drafts.add(text_of(1), by=olga.id, now=bureau.clock.now)
    subscriber = await bureau.subscriber(olga)
    await bureau.onnews.archive.subscribers.follow(subscriber.id, "gucci")
    message = await ask(olga, "/desk")
    await tap(bureau, olga, QUESTIONS[question].asks.pack(), message)
    for each in CONTINUED[question]:
        await tap(bureau, olga, each.pack(), message)
        assert asked(bureau, olga) == question, each


async def test_in_a_group_only_the_acts_of_who_was_asked_end_the_question(bureau: Bureau) -> None:
    xenia, zoe, mimi = [await bureau.reader(name) for name in ("Xenia", "Zoe", "Mimi")]
    room = bureau.town.group("Club", [xenia, zoe, mimi], settled=True)
    room.join(zoe, admin=True)
    await xenia.send("/settings", room)
    message = await xenia.until("Settings", room)
    for question in (Awaited.HOUR, Awaited.CITY, Awaited.DATE, Awaited.QUIET, Awaited.PICK):
        asks, back = (each.pack() for each in QUESTIONS[question])
        for end in (back, BUTTONS["a story's button"]):
            await tap(bureau, xenia, asks, message)
            for other in (zoe, mimi):
                await tap(bureau, other, BUTTONS["a story's button"], message)
                await command(bureau, other, "/saved", room)
            await tap(bureau, zoe, back, message)
            assert asked(bureau, xenia, room) == question
            assert asked(bureau, xenia, room, group=True) == question
            await tap(bureau, xenia, end, message)
            assert asked(bureau, xenia, room) == ""
            assert asked(bureau, xenia, room, group=True) == ""
        await tap(bureau, xenia, asks, message)
        await command(bureau, xenia, "/latest", room)
        assert asked(bureau, xenia, room) == ""
        assert asked(bureau, xenia, room, group=True) == ""


async def test_back_from_withdraw_leaves_a_story_whatever_is_written_then(
    newsdesk: Newsdesk,
) -> None:
    bureau, eva = newsdesk.bureau, newsdesk.eva
    page = await opened_story(eva, "Bentley")
    assert "sentence" in (await press(eva, "Withdraw", page)).text
    await press(eva, "Back", page)
    await command(bureau, eva, "ok thanks")
    assert not (await story(bureau)).is_withdrawn


@pytest.mark.parametrize(
    "said", ["cancel", "ok thanks", "help", "no!", "annulla", "ok, grazie mille", "取消"]
)
async def test_what_is_no_sentence_withdraws_nothing_and_is_asked_again(
    newsdesk: Newsdesk, said: str
) -> None:
    bureau, eva = newsdesk.bureau, newsdesk.eva
    await eva.tap("Withdraw", await opened_story(eva, "Bentley"))
    asked_first = await eva.next()
    await command(bureau, eva, said)
    assert not (await story(bureau)).is_withdrawn
    asked_again = await eva.next()
    assert (asked_again.text, asked_again.labels) == (asked_first.text, asked_first.labels)
    await command(bureau, eva, "不属实" if said == "取消" else "Never built.")
    assert (await story(bureau)).is_withdrawn


async def test_a_story_that_was_tapped_to_join_is_the_answer_and_no_later_text(
    newsdesk: Newsdesk,
) -> None:
    bureau, eva = newsdesk.bureau, newsdesk.eva
    await bureau.desk.print_("Gucci opens a garden", "gucci")
    await bureau.desk.print_("Shanghai opens a mall", "china")
    page = await opened_story(eva, "Bentley")
    await press(eva, "Join with another report", page)
    await eva.tap(JoinWith(1, 2, f"{seen_as(await story(bureau)):x}").pack(), page)
    joined = await story(bureau)
    assert joined.event == 2
    await command(bureau, eva, "3")
    assert await story(bureau) == joined


async def story(bureau: Bureau) -> Article:
    found = await bureau.onnews.archive.articles.get(1)
    assert found is not None
    return found
