"""One person's updates in a chat are answered in order; nobody else waits for them, over HTTP."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playground.faults import Fault
    from playground.people.people import Person
    from playground.people.seen import Message
    from tests.handlers.conftest import Bureau


@pytest.fixture
def patience(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """No update waits too long, however slow the machine."""
    monkeypatch.setattr("handlers.updates.update_answer.HOLDS_UP", 3600.0)
    return monkeypatch


async def with_a_story(bureau: Bureau) -> tuple[Person, Message]:
    ana = await bureau.reader()
    await ana.send("/latest")
    await ana.tap("1", await ana.next())
    await ana.tap("More…", await ana.next())
    return ana, await ana.next()


def held(bureau: Bureau, who: Person, method: str = "editMessageReplyMarkup") -> Fault:
    """Keep the first answer to a tap from reaching a chat until it is released."""
    return bureau.town.faults.add(method=method, chat_id=who.id, hold=True)


async def another_is_answered(bureau: Bureau) -> None:
    other = bureau.town.person("Another")
    await other.send("/latest 1")
    await other.next()


def answers(bureau: Bureau, who: Person, first: int) -> list[str]:
    """Return the methods that reached a chat, in order."""
    return [
        seen.method
        for seen in bureau.town.requests[first:]
        if str(seen.params.get("chat_id")) == str(who.id)
    ]


async def test_a_command_sent_with_a_tap_is_answered_after_it(
    bureau: Bureau, patience: pytest.MonkeyPatch
) -> None:
    del patience
    ana, story = await with_a_story(bureau)
    first, hold = len(bureau.town.requests), held(bureau, ana)
    tapping = asyncio.create_task(ana.tap("Save", story))
    await bureau.town.until(lambda: hold.hits)
    await ana.send("/saved")
    await another_is_answered(bureau)
    assert answers(bureau, ana, first) == []
    hold.release()
    await tapping
    assert "Shanghai opens a mall" in (await ana.next()).text
    assert answers(bureau, ana, first)[0] == "editMessageReplyMarkup"


async def test_an_answer_on_which_telegram_sits_holds_the_next_up_for_a_moment_only(
    bureau: Bureau, patience: pytest.MonkeyPatch
) -> None:
    patience.setattr("handlers.updates.update_answer.HOLDS_UP", 0.0)
    ana, story = await with_a_story(bureau)
    hold = held(bureau, ana)
    tapping = asyncio.create_task(ana.tap("Save", story))
    await bureau.town.until(lambda: hold.hits)
    await ana.send("/saved")
    assert "Shanghai opens a mall" in (await ana.next()).text
    hold.release()
    await tapping


async def test_a_button_never_spins_until_an_earlier_tap_is_answered(
    bureau: Bureau, patience: pytest.MonkeyPatch
) -> None:
    patience.setattr("handlers.updates.update_answer.TAP_PATIENCE", 0.0)
    ana, story = await with_a_story(bureau)
    hold = held(bureau, ana)
    tapping = asyncio.create_task(ana.tap("Save", story))
    await bureau.town.until(lambda: hold.hits)
    await ana.tap("Follow China", story)
    assert "china" not in (await bureau.subscriber(ana)).taste.follows
    hold.release()
    await tapping
    await bureau.heard()
    assert "china" in (await bureau.subscriber(ana)).taste.follows


async def test_others_of_a_group_do_not_wait_for_a_members_earlier_update(
    bureau: Bureau, patience: pytest.MonkeyPatch
) -> None:
    del patience
    ana, ben = bureau.town.person("Ana"), bureau.town.person("Ben")
    group = bureau.town.group("Club", [ana, ben], settled=True)
    hold = bureau.town.faults.add(chat_id=group.id, hold=True)
    await ana.send("/latest 2", group)
    await bureau.town.until(lambda: hold.hits)
    await ana.send("/help", group)
    await ben.send("/latest 1", group)
    assert "Shanghai opens a mall" in (await ben.next(group)).text
    hold.release()
    seen = [(await ana.next(group)).text for _ in range(3)]
    assert "Gucci dreams of a garden" in seen[1]
    assert "The latest headlines" in seen[2]
