from __future__ import annotations

from datetime import timedelta

import pytest
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from digest.telegram_errors import LONGEST_PAUSE, Action, CutError, judge, pause
from tests.digest.conftest import MONDAY


@pytest.mark.parametrize(
    ("error", "action", "kind"),
    [
        (RetryAfter(17), Action.WAIT, "flood"),
        (Forbidden("Forbidden: bot was blocked by the user"), Action.GONE, "blocked"),
        (Forbidden("Forbidden: user is deactivated"), Action.GONE, "deactivated"),
        (Forbidden("Forbidden: bot was kicked from the channel chat"), Action.GONE, "kicked"),
        (Forbidden("Forbidden: the group chat was deleted"), Action.GONE, "deleted"),
        (Forbidden("Forbidden: something new"), Action.GONE, "forbidden"),
        (BadRequest("Chat not found"), Action.GONE, "not found"),
        (BadRequest("have no write access to the chat"), Action.GONE, "no rights"),
        (
            BadRequest("not enough rights to send text messages to the chat"),
            Action.GONE,
            "no rights",
        ),
        (
            BadRequest("need administrator rights in the channel chat"),
            Action.GONE,
            "no rights",
        ),
        (BadRequest("Message thread not found"), Action.TOPIC_GONE, "topic deleted"),
        (BadRequest("TOPIC_CLOSED"), Action.TOPIC_GONE, "topic closed"),
        (ChatMigrated(-100), Action.MOVE, "moved"),
        (BadRequest("Can't parse entities: …"), Action.PLAIN, "refused"),
        (BadRequest("Message is too long"), Action.PLAIN, "refused"),
        (InvalidToken(), Action.STOP, "token"),
        (TimedOut(), Action.UNCLEAR, "timed out"),
        (NetworkError("Bad Gateway"), Action.AGAIN, "network"),
        (CutError("the connection was cut"), Action.UNCLEAR, "cut"),
        (Conflict("terminated by other"), Action.FAIL, "Conflict"),
        (TelegramError("?"), Action.FAIL, "TelegramError"),
        (ValueError("a defect"), Action.FAIL, "ValueError"),
    ],
)
def test_each_answer_has_its_meaning(error: Exception, action: Action, kind: str) -> None:
    verdict = judge(error, attempts=0, now=MONDAY)
    assert (verdict.action, verdict.error) == (action, kind)


def test_a_flood_says_how_long_it_lasts() -> None:
    for wait in (RetryAfter(17), RetryAfter(timedelta(seconds=17))):
        assert judge(wait, attempts=0, now=MONDAY).retry_at == MONDAY + timedelta(seconds=17)


def test_a_group_that_moved_says_where_to() -> None:
    assert judge(ChatMigrated(-1001), attempts=0, now=MONDAY).chat_id == -1001


def test_a_second_request_without_an_answer_is_the_last() -> None:
    verdict = judge(TimedOut(), attempts=1, now=MONDAY)
    assert (verdict.action, verdict.error) == (Action.FAIL, "unconfirmed")


def test_connections_that_are_cut_for_an_hour_cost_nobody_the_edition() -> None:
    asked = [MONDAY]
    while True:
        verdict = judge(CutError("cut"), attempts=len(asked) - 1, now=asked[-1])
        if verdict.retry_at is None:
            break
        assert (verdict.action, verdict.error) == (Action.UNCLEAR, "cut")
        asked.append(verdict.retry_at)
    assert (verdict.action, verdict.error) == (Action.FAIL, "unconfirmed")
    assert len(asked) == 6
    assert timedelta(hours=1) < asked[-1] - MONDAY < timedelta(hours=2)


@pytest.mark.parametrize(
    ("error", "reached", "in_doubt"),
    [
        (RetryAfter(17), True, False),
        (BadRequest("Can't parse entities"), True, False),
        (NetworkError("no route to host"), False, False),
        (CutError("the connection was cut"), False, True),
        (TimedOut(), False, True),
    ],
)
@pytest.mark.parametrize("attempts", [0, 9])
def test_silence_is_told_from_an_answer(
    error: Exception, *, reached: bool, in_doubt: bool, attempts: int
) -> None:
    verdict = judge(error, attempts=attempts, now=MONDAY)
    assert (verdict.reached, verdict.in_doubt) == (reached, in_doubt)


def test_plain_text_that_is_refused_is_not_tried_again() -> None:
    verdict = judge(BadRequest("Can't parse entities"), attempts=0, now=MONDAY, plain=True)
    assert verdict.action is Action.FAIL


def test_pauses_grow_to_a_minute() -> None:
    pauses = [pause(failures) for failures in range(2000)]
    assert pauses == sorted(pauses)
    assert pauses[0] == timedelta(seconds=1)
    assert pauses[-1] == LONGEST_PAUSE
