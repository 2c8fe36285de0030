"""Corrections that reach delivered alerts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from storage.model import ChatKind, DeliveryKind, Grade
from tests.digest.correcting.conftest import EDITOR

if TYPE_CHECKING:
    from playground.people.people import Person
    from playground.people.rooms import Room
    from tests.digest.correcting.conftest import Desk

WRONG, RIGHT = "Prada buys Versace for 1.25 million euros", "Prada buys Versace for 1.25 billion"
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
    planner = desk.alerts
    assert await planner.plan([wrong], desk.time.now) == 2
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
    article = await desk.articles.get(wrong)
    assert article is not None

    await desk.amendments.withdraw(
        wrong, "No deal was signed.", person_id=EDITOR, now=desk.time.now
    )
    correction = await desk.correct()

    for chat in (ana.chat, group):
        message = chat.messages[-1]
        assert message.parts("strikethrough") == [WRONG]
        assert "Withdrawn: No deal was signed." in message.text
        assert "The deal creates" not in message.text
        assert article.link not in str(message.record.body)
    assert correction.changed == 2
    assert desk.town.violations == []
