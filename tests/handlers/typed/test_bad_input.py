"""Old, forged and double taps, and unexpected input: an answer or silence, never harm."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from telegram import Update

from playground.people import acts
from storage.model import DeliveryState, State
from tests.handlers.conftest import ask, press

if TYPE_CHECKING:
    import pytest

    from tests.handlers.conftest import Bureau

OLD = "This button no longer works. Please ask again."
FORGED = [
    "",
    "x",
    "o",
    "o:",
    "o:zzzzz",
    "o:1:1",
    "o:-1",
    "o:01",
    "o:1e3",
    "o:١",
    "o:9999999",
    "m:zzzz",
    "v:1:2",
    "v:zzzz:1",
    "r:1:zz:0",
    "l:x::7:0",
    "l:a::0:0",
    "l:a::zz:0",
    "l:a::7:zzzzz",
    "l:c:nothing:7:0",
    "l:s::7:7",
    "f:nothing:1",
    "f:motor:yes",
    "u:nothing:1",
    "a:style:1",
    "k:nothing",
    "p:nothing:1:1",
    "g:section:zz:0",
    "g:nothing:0:0",
    "jv:hour:1440",
    "jv:zone:Mars/Olympus",
    "jv:zone:../../etc/passwd",
    "s:q:0",
    "set:hour:1440",
    "set:hour:-1",
    "set:hour:",
    "set:days:0",
    "set:days:128",
    "set:zone:Nowhere",
    "set:language:xx",
    "set:articles:+xx",
    "set:articles:it",
    "set:layout:huge",
    "set:silent:2",
    "set:alerts-a-day:7",
    "set:quiet:1440-0",
    "set:quiet:5",
    "set:pause:99",
    "set:nothing:1",
    "set:hour",
    "sh:f0",
    "sa:nothing:1:0",
    "x:1:style",
    "w",
    "😀" * 16,
    "a" * 64,
]


class OnFire:
    """An archive whose every query fails."""

    async def get(self, *_: object) -> None:
        raise RuntimeError("the archive is on fire")

    async def latest_with_reports(self, *_: object, **__: object) -> None:
        raise RuntimeError("the archive is on fire")


@dataclass
class Settling:
    """A sender whose editions all end in the same state."""

    state: DeliveryState

    async def deliver_now(self, *_: object) -> DeliveryState:
        return self.state


async def test_a_forged_tap_gets_a_short_answer_and_changes_nothing(bureau: Bureau) -> None:
    ana = await bureau.reader()
    message = await ask(ana, "/latest")
    before = await bureau.subscriber(ana)
    for data in FORGED:
        question = acts.tap(bureau.town.world, ana.account, message.record, data)
        assert (await question.answer)["text"] == OLD, data
        assert await bureau.subscriber(ana) == before, data
    await bureau.heard()
    assert await bureau.subscriber(ana) == before
    assert ana.unread() == []


async def test_the_same_button_tapped_twice_acts_once(bureau: Bureau) -> None:
    ana = await bureau.reader()
    message = await ask(ana, "/latest")
    await ana.tap("1", message)
    await press(ana, "1", message)
    await bureau.heard()
    assert ana.unread() == []
    bureau.clock.pass_(seconds=5)
    assert "Shanghai" in (await press(ana, "1", message)).text


async def test_a_command_that_is_edited_is_not_answered_again(bureau: Bureau) -> None:
    ana = await bureau.reader()
    sent = (await ana.send("/latest 1")).body
    await ana.next()
    edited = {**sent, "text": "/latest 2", "edit_date": sent["date"]}
    update = Update.de_json(
        {"update_id": 1, "edited_message": edited}, bureau.onnews.application.bot
    )
    await bureau.onnews.application.process_update(update)
    await bureau.heard()
    assert ana.unread() == []


async def test_an_edit_that_changes_nothing_raises_no_error(
    bureau: Bureau, caplog: pytest.LogCaptureFixture
) -> None:
    ana = await bureau.reader()
    main = await ask(ana, "/settings")
    await ana.tap("s:m:0", main)
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


async def test_a_tap_under_an_inline_message_is_answered_as_old(bureau: Bureau) -> None:
    ana, friend = await bureau.reader(), bureau.town.person("Bo")
    direct = bureau.town.direct(ana, friend)
    passed = await ana.choose((await ana.inline("kering", direct))[0], direct)
    assert (await friend.tap("f:gucci:1", passed)).text == OLD


async def test_an_unexpected_error_is_logged_and_the_reader_gets_one_line(
    bureau: Bureau, caplog: pytest.LogCaptureFixture
) -> None:
    ana = await bureau.reader()
    message = await ask(ana, "/latest")

    bureau.put(articles=OnFire())
    assert (await ask(ana, "/latest")).text.startswith("Something went wrong.")
    assert (await ana.tap("1", message)).text.startswith("Something went wrong.")
    logged = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert len(logged) == 2
    assert all("fire" in str(record.exc_info) for record in logged)
    assert bureau.town.token not in caplog.text


async def test_the_error_handler_survives_a_failed_apology(
    bureau: Bureau, caplog: pytest.LogCaptureFixture
) -> None:
    ana = await bureau.reader()

    bureau.put(articles=OnFire())
    bureau.town.faults.add(method="sendMessage", status=500, times=10)
    await ana.send("/latest")
    bureau.town.faults.clear()
    await bureau.heard()
    assert "was not answered" in caplog.text


async def test_the_reader_is_informed_that_a_requested_edition_failed(
    bureau: Bureau,
) -> None:
    ana = await bureau.reader()

    bureau.put(sender=Settling(DeliveryState.FAILED))
    assert (await ask(ana, "/digest")).text.startswith("Something went wrong.")


async def test_the_reader_is_informed_that_a_requested_edition_is_delayed(
    bureau: Bureau,
) -> None:
    ana = await bureau.reader()

    bureau.put(sender=Settling(DeliveryState.PLANNED))
    assert "will arrive by itself" in (await ask(ana, "/digest")).text


async def test_a_reader_who_blocks_the_bot_meanwhile_causes_no_error(
    bureau: Bureau, caplog: pytest.LogCaptureFixture
) -> None:
    ana = await bureau.reader()
    answer = bureau.town.faults.add(method="sendMessage", hold=True)
    await ana.send("/latest")
    await bureau.town.until(lambda: answer.hits)
    ana.block()
    answer.release()
    await bureau.heard()
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert (await bureau.subscriber(ana)).state is State.GONE


async def test_a_picture_or_a_sticker_gets_a_hint(bureau: Bureau) -> None:
    ana = await bureau.reader()
    acts.say(
        bureau.town.world,
        ana.account,
        ana.chat.raw,
        {"dice": {"emoji": "🎲", "value": 4}},
    )
    assert (await ana.next()).text in {
        "I only understand text. Try a category, a few words, or /help.",
        "I can’t open that. Send me a link or a few words instead, and I’ll look for the story.",
    }


async def test_any_text_gets_a_helpful_answer(bureau: Bureau) -> None:
    ana = await bureau.reader()
    for text in ("<b>", "&amp; &lt;", "x" * 4000, "@OnNewsBot", "/", "//"):
        answer = (await ask(ana, text)).text
        assert "/latest" in answer or "/help" in answer, text
