"""When a replica that Telegram does not answer leaves its work to others, and takes work again."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.serving.telegram_silence import AT_TELEGRAM, LATELY, SILENT, STEADY, may_leave, may_return
from storage.replicas.members import CUT_OFF, Member
from storage.replicas.roles import OUTSIDE, Role

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ALL = ",".join(Role)
BOTH = {Role.ANSWER, Role.SEND}


def seen(unanswered: float | None, roles: str = ALL, age: float = 0.0) -> tuple[Member, float]:
    return member(2, roles, unanswered), age


def member(number: int, roles: str, unanswered: float | None) -> Member:
    return Member(number, "", "", "", "", roles, 1, 4.0, sends=False, unanswered=unanswered)


@pytest.mark.parametrize(
    ("unanswered", "does", "others", "leaves"),
    [
        (10.0, BOTH, [seen(0.5)], True),
        (9.9, BOTH, [seen(0.5)], False),  # it may be heard in a moment
        (60.0, BOTH, [], False),
        (60.0, BOTH, [seen(60.0)], False),
        (60.0, BOTH, [seen(5.0)], False),  # that one may be cut off, too
        (60.0, BOTH, [seen(0.5, age=3.0)], False),  # frozen since
        (60.0, BOTH, [seen(None)], False),  # an earlier version, of which nothing is known
        (60.0, BOTH, [seen(0.5, OUTSIDE)], False),
        (60.0, BOTH, [seen(0.5, "answer,fetch")], False),
        (60.0, BOTH, [seen(0.5, "answer"), seen(0.5, "send")], True),
        (60.0, {Role.ANSWER}, [seen(0.5, "answer,fetch")], True),
        (60.0, {Role.SEND}, [seen(0.5, "answer,fetch")], False),
        (60.0, set(), [seen(0.5)], False),  # it only fetches, or waits for the lease
    ],
)
def test_a_replica_leaves_its_work_only_to_those_that_telegram_answers(
    unanswered: float, does: set[Role], others: list[tuple[Member, float]], *, leaves: bool
) -> None:
    assert may_leave(unanswered, does, others) == leaves


@pytest.mark.parametrize(
    ("steady", "others", "returns"),
    [
        (60.0, [seen(0.5)], True),
        (59.0, [seen(0.5)], False),
        (0.0, [], False),
        (0.5, [], True),
        (0.5, [seen(10.0)], True),
        (0.5, [seen(8.0)], False),
        (0.5, [seen(8.0, age=2.0)], True),
        (0.5, [seen(None)], False),  # an earlier version may well be answered
        (0.5, [seen(0.5, OUTSIDE)], True),
        (0.5, [seen(0.5, "answer")], True),  # nobody sends
        (0.5, [seen(0.5, "answer"), seen(0.5, "send")], False),
    ],
)
def test_a_replica_works_again_after_a_minute_of_answers_or_if_nobody_else_is_answered(
    steady: float, others: list[tuple[Member, float]], *, returns: bool
) -> None:
    assert may_return(steady, BOTH, others) == returns


STEP = 0.3
RESTART = 2.0
"""Seconds from the stop of a replica that leaves until it asks Telegram again."""


@dataclass
class Simulated:
    """A replica by a clock of the test, which asks Telegram as `TelegramWatch` does."""

    id: int
    is_up: Callable[[float], bool]
    answered: float
    asked: float = -SILENT
    works: bool = True
    back: float = 0.0
    steady: float | None = None

    def look(self, now: float) -> None:
        if now < self.back or min(now - self.answered, now - self.asked) < SILENT:
            return
        self.asked = now
        if self.is_up(now):
            self.answered = now
            self.steady = now if self.steady is None else self.steady
        else:
            self.steady = None

    def seen(self, now: float) -> tuple[Member, float]:
        roles = ALL if self.works else OUTSIDE
        return member(self.id, roles, now - self.answered), 0.0


@dataclass
class Fleet:
    replicas: Sequence[Simulated]
    sender: Simulated = field(init=False)
    changes: list[float] = field(default_factory=list)
    """When another one began to send."""
    left: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.sender = self.replicas[0]

    def run(self, seconds: float) -> None:
        for step in range(int(seconds / STEP)):
            now = step * STEP
            for each in self.replicas:
                each.look(now)
            for each in self.replicas:
                self._decide(each, now)

    def _decide(self, replica: Simulated, now: float) -> None:
        others = [each.seen(now) for each in self.replicas if each is not replica]
        if not replica.works:
            steady = 0.0 if replica.steady is None else now - replica.steady
            replica.works = now >= replica.back and may_return(steady, AT_TELEGRAM, others)
            return
        does = {Role.ANSWER, Role.SEND} if replica is self.sender else {Role.ANSWER}
        if not may_leave(now - replica.answered, does, others):
            return
        self.left.append(now)
        replica.works, replica.steady, replica.back = False, None, now + RESTART
        if replica is self.sender:
            self.changes.append(now)
            self.sender = next(
                each
                for each in self.replicas
                if each.works and not may_leave(now - each.answered, {Role.SEND}, others)
            )


def flapping(lengths: Sequence[float]) -> Callable[[float], bool]:
    """Return a line that is up and down in turn, for some seconds each, again and again."""

    def is_up(now: float) -> bool:
        left = now % sum(lengths)
        for number, length in enumerate(lengths):
            if left < length:
                return number % 2 == 0
            left -= length
        return True

    return is_up


def always(_: float) -> bool:
    return True


@given(
    st.lists(st.floats(0.5, 90.0), min_size=2, max_size=6),
    st.integers(1, 2),
    st.floats(0.0, SILENT),
)
def test_a_line_that_flaps_changes_the_sender_once_a_minute_at_most(
    lengths: list[float], others: int, phase: float
) -> None:
    well = [Simulated(2 + each, always, -phase / 2) for each in range(others)]
    fleet = Fleet([Simulated(1, flapping(lengths), -phase), *well])
    fleet.run(600.0)
    assert len(fleet.changes) <= 1  # the other one goes on, so the line matters no more
    pairs = zip(fleet.left, fleet.left[1:], strict=False)
    assert all(later - earlier >= STEADY for earlier, later in pairs)


@given(st.lists(st.floats(0.0, SILENT), min_size=2, max_size=5), st.floats(20.0, 120.0))
def test_nothing_moves_while_nobody_reaches_telegram(phases: list[float], cut: float) -> None:
    def is_up(now: float) -> bool:
        return now < cut

    fleet = Fleet([Simulated(each, is_up, -phase) for each, phase in enumerate(phases)])
    fleet.run(300.0)
    assert fleet.left == []


@given(st.lists(st.floats(0.0, SILENT), min_size=2, max_size=5))
def test_a_sender_that_is_cut_off_alone_is_replaced_two_seconds_later(phases: list[float]) -> None:
    first, *rest = phases
    others = [Simulated(1 + each, always, -phase) for each, phase in enumerate(rest)]
    fleet = Fleet([Simulated(0, lambda _: False, -first), *others])
    fleet.run(60.0)
    assert len(fleet.changes) == 1
    assert fleet.changes[0] + first <= CUT_OFF + SILENT - LATELY + 3 * STEP


@given(
    st.lists(st.floats(0.0, SILENT), min_size=3, max_size=3),
    st.lists(st.floats(40.0, 300.0), min_size=2, max_size=2),
)
def test_there_is_always_one_that_works_and_is_answered_if_anybody_is(
    phases: list[float], cuts: list[float]
) -> None:
    lines: list[Callable[[float], bool]] = [
        lambda now: not 20.0 < now < 60.0,
        lambda now: now < cuts[0],
        lambda now: now < cuts[1],
    ]
    fleet = Fleet([Simulated(each, lines[each], -phases[each]) for each in range(3)])
    fleet.run(400.0)
    assert fleet.sender.id == 0
    assert fleet.sender.works
