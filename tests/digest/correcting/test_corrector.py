"""Corrections that reach what was delivered. Corrections that reach delivered alerts. Corrections
that are longer than what they replace, in editions that are full already. The end of the
corrector while it uses the database.
"""

from __future__ import annotations

import asyncio
import gc
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

import pytest

from digest.correcting import corrector
from digest.correcting.corrector import Corrector
from digest.pacing.rate_limiter import RateLimiter
from storage.desk.corrections import Corrections
from storage.model import ChatKind, DeliveryKind, Form, Grade, Layout
from storage.model.desk_model import UndoOutcome
from storage.retention import Keep, Retention
from templates.markup.text import units
from tests.digest.correcting.conftest import RIGHT, WRONG, CountingOutbox, shown
from tests.plugins.archive import there

if TYPE_CHECKING:
    from collections.abc import Sequence

    from playground.people.people import Person
    from playground.people.rooms import Room
    from storage.desk.corrections import EditOutcome
    from tests.digest.correcting.conftest import Desk


@pytest.mark.parametrize("layout", list(Layout))
async def test_a_typing_error_is_mended_without_a_word(desk: Desk, layout: Layout) -> None:
    ana = await desk.person("Ana", layout)
    wrong = await desk.article(WRONG, standfirst="The deal creates an Italian group.")
    await desk.article("Ferrari raises its forecast")
    await desk.morning()
    before = shown(ana.chat.messages[-1])
    assert WRONG in before

    await desk.amend(wrong, grade=Grade.TYPO)
    correction = await desk.correct()

    assert shown(ana.chat.messages[-1]) == before.replace(WRONG, RIGHT)
    assert (correction.changed, correction.failed, correction.waiting) == (1, {}, 0)
    assert correction.done is not None
    assert desk.town.violations == []


@pytest.mark.parametrize("layout", list(Layout))
async def test_a_corrected_fact_is_marked_with_its_time(desk: Desk, layout: Layout) -> None:
    ana = await desk.person("Ana", layout)
    await desk.article("Ferrari raises its forecast")
    wrong = await desk.article(WRONG)
    await desk.morning()
    desk.time.pass_(hours=6, minutes=20)

    await desk.amend(wrong)
    await desk.correct()

    text = shown(ana.chat.messages[-1])
    assert RIGHT in text
    assert WRONG not in text
    assert "corrected 14:20" in text


@pytest.mark.parametrize("layout", list(Layout))
async def test_a_withdrawn_story_is_struck_out_with_the_reason(desk: Desk, layout: Layout) -> None:
    ana = await desk.person("Ana", layout)
    await desk.article("Ferrari raises its forecast")
    wrong = await desk.article(WRONG)
    await desk.morning()

    await desk.withdraw(wrong)
    await desk.correct()

    message = ana.chat.messages[-1]
    assert "Withdrawn: No deal was signed." in shown(message)
    if layout is not Layout.FRONT_PAGE:
        assert message.parts("strikethrough") == [WRONG]
    article = there(await desk.articles.get(wrong))
    assert article.link not in str(message.record.body)


async def test_a_correction_reaches_groups_topics_channels_and_alerts(desk: Desk) -> None:
    ana = desk.town.person("Ana", "en")
    group = desk.town.group("Editors", [ana])
    channel = desk.town.channel("Luxury", [ana])
    forum = desk.town.group("Forum", [ana], forum=True)
    topic = forum.topic("Motor", ana)
    await desk.reader(group.id, kind=ChatKind.GROUP)
    await desk.reader(forum.id, kind=ChatKind.TOPIC, thread_id=topic)
    await desk.reader(channel.id, kind=ChatKind.CHANNEL)
    wrong = await desk.article(WRONG)
    await desk.article("Ferrari raises its forecast")
    await desk.morning()

    await desk.amend(wrong)
    correction = await desk.correct()

    for room in (group, forum, channel):
        assert RIGHT in room.messages[-1].text
        assert "corrected 08:00" in room.messages[-1].text
    assert correction.changed == 3


async def test_other_stories_keep_the_texts_that_were_delivered(desk: Desk) -> None:
    ana = await desk.person("Ana")
    wrong = await desk.article(WRONG)
    other = await desk.article("Ferrari raises its forecast")
    await desk.morning()
    # The source changes the other headline by itself; nobody corrected it.
    await desk.source_says(other, "Ferrari lowers its forecast")

    await desk.amend(wrong, grade=Grade.TYPO)
    await desk.correct()

    text = ana.chat.messages[-1].text
    assert RIGHT in text
    assert "Ferrari raises its forecast" in text


async def test_the_undoing_of_a_correction_restores_the_copies(desk: Desk) -> None:
    ana = await desk.person("Ana")
    wrong = await desk.article(WRONG)
    await desk.article("Ferrari raises its forecast")
    await desk.morning()
    before = ana.chat.messages[-1].text
    done = await desk.amend(wrong)
    await desk.correct()
    assert ana.chat.messages[-1].text != before

    assert await desk.take_back(done.act) is UndoOutcome.UNDONE
    await desk.correct()

    assert ana.chat.messages[-1].text == before
    assert await desk.corrections.listed(limit=9) == []


async def test_the_editor_sees_which_copies_could_not_be_changed(desk: Desk) -> None:
    people: list[Person] = [await desk.person(name) for name in ("Ana", "Bea", "Carl", "Dora")]
    _, bea, carl, dora = people
    wrong = await desk.article(WRONG)
    await desk.morning()
    bea.block()
    carl.deactivate()
    dora.chat.raw.records.clear()

    await desk.amend(wrong)
    correction = await desk.correct()

    assert correction.changed == 1
    assert correction.failed == {"blocked": 1, "deactivated": 1, "deleted": 1}


async def test_a_copy_in_several_messages_keeps_their_number(desk: Desk) -> None:
    ana = await desk.person("Ana")
    ids = await desk.long_stories()
    await desk.morning()
    (row,) = await desk.ledger()
    count = len(await desk.deliveries.messages(row.id))
    assert count > 1
    before = [message.text for message in ana.chat.messages[-count:]]
    last = next(number for number in ids if f"Story {ids.index(number)} " in before[-1])

    await desk.amend(last, "Short", Grade.TYPO)
    await desk.correct()

    changed = [message.text for message in ana.chat.messages[-count:]]
    assert changed[:-1] == before[:-1]
    assert "Short" in changed[-1]
    edits = [each for each in desk.town.requests if each.method == "editMessageText"]
    assert len(edits) == 1


async def test_readers_who_got_the_same_share_one_stored_issue(desk: Desk) -> None:
    await desk.crowd(*range(1, 40))
    for number in range(1, 40):
        desk.town.person(f"Reader {number}", "en")
    await desk.article(WRONG)
    desk.sender = desk.new_sender()  # into a fake outbox
    await desk.morning()
    assert len(set(await desk.prints())) == 1


async def test_copies_of_a_story_that_retention_deleted_meanwhile_stay_and_are_counted(
    desk: Desk,
) -> None:
    ana = await desk.person("Ana")
    wrong = await desk.article(WRONG)
    await desk.article("Ferrari raises its forecast")
    await desk.morning()
    before = ana.chat.messages[-1].text
    await desk.amend(wrong)
    await Retention(desk.db, Keep(0, 0, 1, 0)).prune(desk.time.now + timedelta(days=9))
    assert await desk.articles.get(wrong) is None

    correction = await desk.correct()

    assert ana.chat.messages[-1].text == before
    assert (correction.changed, correction.failed, correction.waiting) == (0, {"pruned": 1}, 0)
    assert correction.done is not None


class DiedError(Exception):
    """The process is dead: nothing is written any more."""


class DyingCorrections(Corrections):
    """Records outcomes once; after that, edits happen and are not recorded, as at a kill."""

    recorded = 0

    async def settle(self, outcomes: Sequence[EditOutcome]) -> None:
        if self.recorded:
            raise DiedError
        self.recorded += 1
        await super().settle(outcomes)


async def test_a_killed_process_loses_no_copy_and_changes_none_twice(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(corrector, "ENOUGH", 8)
    people = await desk.people(40)
    wrong = await desk.article(WRONG)
    await desk.morning()
    outbox = CountingOutbox(desk.telegram)
    await desk.amend(wrong)

    with pytest.raises(DiedError):
        await desk.new_corrector(outbox=outbox, corrections=DyingCorrections(desk.db)).drain()
    assert 8 < outbox.edited.total() < len(people) + 1
    desk.corrector = desk.new_corrector(outbox=outbox)
    correction = await desk.correct()

    assert correction.changed == len(people)
    assert set(outbox.edited.values()) == {1}
    assert all(RIGHT in person.chat.messages[-1].text for person in people)


async def test_a_flood_delays_copies_and_loses_none(desk: Desk) -> None:
    people = [await desk.person(name) for name in ("Ana", "Bea", "Carl")]
    wrong = await desk.article(WRONG)
    await desk.morning()
    desk.town.faults.add(
        method="editMessageText",
        status=429,
        description="Too Many Requests: retry after 7",
        retry_after=7,
    )
    await desk.amend(wrong, grade=Grade.TYPO)
    correction = await desk.correct()
    assert correction.changed == len(people)
    assert all(RIGHT in person.chat.messages[-1].text for person in people)


@pytest.mark.parametrize("carried_out", [False, True])
async def test_a_connection_lost_amid_edits_loses_no_copy_and_counts_none_twice(
    desk: Desk, *, carried_out: bool
) -> None:
    people = [await desk.person(name) for name in ("Ana", "Bea", "Carl", "Dora")]
    wrong = await desk.article(WRONG)
    await desk.morning()
    lost = desk.town.faults.add(
        method="editMessageText", reset=True, times=2, after_delivery=carried_out
    )
    await desk.amend(wrong)
    await desk.corrector.drain()
    assert lost.hits == 2
    assert await desk.corrections.open()

    correction = await desk.correct()

    assert (correction.changed, correction.failed, correction.waiting) == (len(people), {}, 0)
    assert all(RIGHT in person.chat.messages[-1].text for person in people)


async def test_an_edition_that_its_reader_made_plain_stays_plain(desk: Desk) -> None:
    ana = await desk.person("Ana", Layout.FRONT_PAGE)
    wrong = await desk.article(WRONG)
    await desk.morning()
    (row,) = await desk.ledger()
    await desk.deliveries.note_form(row.id, Form.HTML)

    await desk.amend(wrong, grade=Grade.TYPO)
    await desk.correct()

    assert RIGHT in ana.chat.messages[-1].text
    assert "rich_message" not in ana.chat.messages[-1].record.body


EVENING = 20 * 60
"""The minute of the editions, which are not due yet."""


async def alerted(desk: Desk) -> tuple[int, Person, Room]:
    """Alert a reader and a group to a story; return its id and the two."""
    ana = await desk.person("Ana", minute=EVENING)
    group = desk.town.group("Editors", [ana])
    await desk.reader(group.id, kind=ChatKind.GROUP, minute=EVENING)
    for chat in (ana.id, group.id):
        subscriber = await desk.of_chat(chat)
        await desk.subscribers.follow(subscriber.id, "motor", alerts=True)
    wrong = await desk.article(WRONG, standfirst="The deal creates an Italian group.")
    assert await desk.alerts.plan([wrong], desk.time.now) == 2
    await desk.sender.drain()
    assert {row.kind for row in await desk.ledger()} == {DeliveryKind.ALERT}
    for room in (ana.chat, group):
        assert WRONG in room.messages[-1].text
    desk.time.pass_(hours=6, minutes=20)
    return wrong, ana, group


@pytest.mark.parametrize("grade", [Grade.TYPO, Grade.FACT])
async def test_an_alert_is_corrected_in_a_private_chat_and_a_group(
    desk: Desk, grade: Grade
) -> None:
    wrong, ana, group = await alerted(desk)
    before = {chat: chat.messages[-1].text for chat in (ana.chat, group)}

    await desk.amend(wrong, RIGHT, grade)
    correction = await desk.correct()

    for chat, text in before.items():
        after = chat.messages[-1].text
        assert WRONG not in after
        assert RIGHT in after
        assert ("corrected 14:20" in after) is (grade is Grade.FACT)
        assert (after == text.replace(WRONG, RIGHT)) is (grade is Grade.TYPO)
    assert (correction.changed, correction.failed, correction.waiting) == (2, {}, 0)
    assert desk.town.violations == []


async def test_an_alert_of_a_withdrawn_story_is_struck_out_with_the_reason(desk: Desk) -> None:
    wrong, ana, group = await alerted(desk)
    article = there(await desk.articles.get(wrong))

    await desk.withdraw(wrong)
    correction = await desk.correct()

    for chat in (ana.chat, group):
        message = chat.messages[-1]
        assert message.parts("strikethrough") == [WRONG]
        assert "Withdrawn: No deal was signed." in message.text
        assert "The deal creates" not in message.text
        assert article.link not in str(message.record.body)
    assert correction.changed == 2
    assert desk.town.violations == []


LIMIT = 4_096
"""UTF-16 units of a message at most."""
LONGEST = "Prada & Versace " * 18 + "in one <b>group</b>"
"""A headline nearly as long as an editor can type."""
REASON = "No deal was signed, and none was planned. " * 7
"""Why a story was withdrawn, nearly as long as an editor can type."""


async def filled(desk: Desk, layout: Layout) -> tuple[int, Room]:
    """Send an edition that nearly fills one message; return its only short story and its chat."""
    ana = await desk.person("Ana", layout)
    words, more = (53, 44) if layout is Layout.HEADLINES else (45, 36)
    for number in range(11):
        await desk.article(
            f"Story {number} " + "word " * words,
            standfirst="A fact. " * 9,
            source=f"{number} " + "p" * more,
        )
    short = await desk.article("Prada buys Versase", standfirst="A fact.")
    await desk.morning()
    assert LIMIT - 150 < units(ana.chat.messages[-1].text) <= LIMIT
    return short, ana.chat


@pytest.mark.parametrize("layout", [Layout.SUMMARIES, Layout.HEADLINES])
async def test_a_headline_that_does_not_fit_is_cut_at_a_word(desk: Desk, layout: Layout) -> None:
    story, chat = await filled(desk, layout)
    await desk.amend(story, LONGEST)
    correction = await desk.correct()
    text = chat.messages[-1].text
    assert (correction.changed, correction.failed) == (1, {})
    assert "Prada &… — The Gazette · corrected 08:00" in text.replace("\xa0", " ")
    assert units(text) <= LIMIT
    assert desk.town.violations == []


@pytest.mark.parametrize("layout", [Layout.SUMMARIES, Layout.HEADLINES])
async def test_the_reason_of_a_withdrawal_that_does_not_fit_is_cut_or_left_out(
    desk: Desk, layout: Layout
) -> None:
    story, chat = await filled(desk, layout)
    await desk.withdraw(story, REASON)
    correction = await desk.correct()
    message = chat.messages[-1]
    assert (correction.changed, correction.failed) == (1, {})
    assert message.parts("strikethrough") == ["Prada buys Versase"]
    assert "Withdrawn" in message.text
    assert REASON not in message.text
    assert units(message.text) <= LIMIT
    assert desk.town.violations == []


class CutCorrections:
    """Corrections whose connection breaks as soon as their reader is cancelled."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()

    async def open(self) -> list[int]:
        self.begun.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            raise ConnectionResetError from None
        return []


async def test_what_fails_while_the_corrector_stops_is_not_logged() -> None:
    corrections, nothing = CutCorrections(), cast("Any", None)
    corrector = Corrector(
        cast("Any", corrections), nothing, nothing, RateLimiter(30), clock=lambda: datetime.now(UTC)
    )
    logged: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: logged.append(context))
    stop = asyncio.Event()
    running = asyncio.create_task(corrector.run(stop))
    await corrections.begun.wait()
    stop.set()
    await running
    gc.collect()
    assert logged == []
