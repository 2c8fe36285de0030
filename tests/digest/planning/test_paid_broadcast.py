"""Editions and alerts above Telegram's free rate, for a fee."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs

import pytest
from telegram.error import BadRequest

from digest.making.request_body import prepare
from digest.planning.paid_broadcast import FREE_RATE
from storage.model import DeliveryState

if TYPE_CHECKING:
    from tests.digest.conftest import Paper

REFUSED = BadRequest("Paid broadcast is not allowed")


def flags(paper: Paper) -> list[str | None]:
    return [sent.fields.get("allow_paid_broadcast") for sent in paper.outbox.sent]


@pytest.mark.parametrize("paid", [True, False])
async def test_only_a_sender_that_may_pay_asks_telegram_for_it(paper: Paper, *, paid: bool) -> None:
    paper.sender = paper.new_sender(paid=paid)
    paper.renderer.per_part = 1
    for number in range(2):
        await paper.article(f"Story {number}", story=number)
    await paper.reader(1)
    await paper.morning()
    assert flags(paper) == ["true" if paid else None] * 2


async def test_requested_editions_are_never_paid_for(paper: Paper) -> None:
    paper.sender = paper.new_sender(paid=True)
    await paper.article("The story of the day")
    reader = await paper.reader(1)
    await paper.reader(2)
    assert await paper.sender.deliver_now(reader, paper.time.now) is DeliveryState.SENT
    assert flags(paper) == [None]
    paper.time.pass_(days=1)
    await paper.article("The story of the next day")
    await paper.morning()
    assert flags(paper) == [None, "true", "true"]


async def test_a_bot_that_may_not_pay_goes_on_at_the_free_rate(
    paper: Paper, caplog: pytest.LogCaptureFixture
) -> None:
    paper.sender = paper.new_sender(paid=True, in_flight=1)
    await paper.article("The story of the day")
    for chat in range(1, 5):
        await paper.reader(chat)
    paper.outbox.fail(REFUSED)
    await paper.morning()
    assert await paper.states() == [DeliveryState.SENT] * 4
    assert flags(paper) == [None] * 4
    assert all(sent.fields["parse_mode"] == "HTML" for sent in paper.outbox.sent)
    assert paper.rate_limiter.rate == FREE_RATE
    assert [entry.message for entry in caplog.records if "@BotFather" in entry.message] != []


async def test_a_message_that_is_refused_for_its_words_leaves_the_others_paid(paper: Paper) -> None:
    paper.sender = paper.new_sender(paid=True, in_flight=1)
    await paper.article("The story of the day")
    for chat in (1, 2):
        await paper.reader(chat)
    words = BadRequest("Can't parse entities: unsupported start tag")
    paper.outbox.fail(words, words, chat_id=1)
    await paper.morning()
    assert await paper.states() == [DeliveryState.SENT] * 2
    plain, whole = paper.outbox.sent
    assert "parse_mode" not in plain.fields
    assert "allow_paid_broadcast" not in plain.fields
    assert whole.fields["allow_paid_broadcast"] == "true"
    assert paper.rate_limiter.rate == 1000


def test_the_fee_is_one_field_appended_to_the_shared_body() -> None:
    shared = prepare("<b>An edition</b>", keyboard=("[]",))
    paid = shared.paid()
    assert "allow_paid_broadcast" not in parse_qs(shared.body.decode())
    assert parse_qs(paid.body.decode()) == {
        **parse_qs(shared.body.decode()),
        "allow_paid_broadcast": ["true"],
    }
    assert paid.text == shared.text
