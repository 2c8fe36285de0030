"""The periodic jobs with a hanging newsroom, and with clocks that are set."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

import pytest

from bot.serving.jobs import ROUNDS, Job, RegularTrigger, SourceRounds, Ticks
from news.newsroom import at_once
from storage.db.outage import DatabaseFailure, DatabaseUnavailableError, Outage

if TYPE_CHECKING:
    from datetime import tzinfo

LONG_ENOUGH = 60
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


class Newsroom:
    """A newsroom that hangs on the first call and has nothing due later."""

    def __init__(self) -> None:
        self.calls = 0
        self.hanging = asyncio.Event()

    async def refresh_due(self, _: datetime, **__: object) -> tuple[()]:
        self.calls += 1
        if self.calls == 1:
            self.hanging.set()
            await asyncio.Event().wait()
        return ()


class Online:
    """A machine that is online."""

    async def update(self, *_: object) -> None:
        pass


def rounds(newsroom: object, offline: object = None, **clocks: Any) -> Ticks:  # noqa: ANN401  # of Ticks
    """Return jobs that only ask sources."""
    asking = SourceRounds(
        cast("Any", newsroom), cast("Any", offline or Online()), lambda: NOW, at_once
    )
    return Ticks(
        {"sources": Job(asking.look, MINUTE, at_once=True, most=ROUNDS)}, lambda: NOW, **clocks
    )


async def test_a_hanging_round_does_not_delay_later_ones_or_the_stop() -> None:
    newsroom = Newsroom()
    at_work = rounds(newsroom)
    first = asyncio.create_task(at_work.run("sources"))
    await newsroom.hanging.wait()
    await asyncio.wait_for(at_work.run("sources"), LONG_ENOUGH)
    assert newsroom.calls == 2
    stopping = asyncio.create_task(at_work.stop())
    await asyncio.sleep(0)
    assert not stopping.done()
    first.cancel()
    await asyncio.wait_for(stopping, LONG_ENOUGH)
    assert first.done()


class CutOff:
    """A newsroom whose rounds raise a database outage while it lasts."""

    def __init__(self, error: Exception) -> None:
        self.calls = 0
        self.error: Exception | None = error

    async def refresh_due(self, _: datetime, **__: object) -> tuple[()]:
        self.calls += 1
        if self.error is not None:
            raise self.error
        return ()


@pytest.mark.parametrize("together", [False, True])
async def test_sources_are_asked_once_in_an_outage_and_again_after_it(*, together: bool) -> None:
    over = asyncio.Event()

    async def probe(_: DatabaseFailure) -> None:
        await over.wait()

    outage = Outage(probe)
    error: Exception = outage.begin(DatabaseFailure("it is away", "Wait."))
    if together:
        error = ExceptionGroup("hosts", [ExceptionGroup("rounds", [error, error])])
    newsroom = CutOff(error)
    at_work = rounds(newsroom)
    first = asyncio.create_task(at_work.run("sources"))
    while not newsroom.calls:  # noqa: ASYNC110 - the round is asked in its own task
        await asyncio.sleep(0)
    await asyncio.wait_for(at_work.run("sources"), LONG_ENOUGH)
    assert newsroom.calls == 1
    assert not first.done()
    newsroom.error = None
    over.set()
    await asyncio.wait_for(first, LONG_ENOUGH)
    assert newsroom.calls == 2
    await outage.close()


async def test_an_outage_at_the_end_of_a_round_is_waited_out() -> None:
    over, asked = asyncio.Event(), asyncio.Event()

    async def probe(_: DatabaseFailure) -> None:
        await over.wait()

    outage = Outage(probe)

    class Machine:
        """Looks into the database after each round."""

        looks = 0

        async def update(self, _: object, __: datetime) -> None:
            self.looks += 1
            if self.looks == 1:
                asked.set()
                raise outage.begin(DatabaseFailure("it is away", "Wait."))

    machine, newsroom = Machine(), Newsroom()
    newsroom.calls = 1  # nothing hangs
    round_ = asyncio.create_task(rounds(newsroom, machine).run("sources"))
    await asyncio.wait_for(asked.wait(), LONG_ENOUGH)
    over.set()
    await asyncio.wait_for(round_, LONG_ENOUGH)
    assert (machine.looks, newsroom.calls) == (2, 2)
    await outage.close()


async def test_a_bug_during_an_outage_is_still_raised() -> None:
    away = DatabaseUnavailableError(DatabaseFailure("it is away", "Wait."))
    newsroom = CutOff(ExceptionGroup("hosts", [away, ZeroDivisionError()]))
    with pytest.raises(ExceptionGroup):
        await rounds(newsroom).run("sources")


class Clocks:
    """A machine's adjustable clock, and the time that really passes."""

    def __init__(self) -> None:
        self.now = NOW + timedelta(seconds=30)
        self.passed = 1000.0

    def sets(self, span: timedelta) -> None:
        self.now += span


class Planner:
    """A planner that records the times of its calls; three editions are due every minute."""

    def __init__(self) -> None:
        self.asked: list[datetime] = []
        self.news = asyncio.Event()

    async def plan_due(self, now: datetime) -> int:
        self.asked.append(now)
        self.news.set()
        return 3

    async def again(self) -> datetime:
        """Wait for the next call."""
        self.news.clear()
        await asyncio.wait_for(self.news.wait(), LONG_ENOUGH)
        return self.asked[-1]


@pytest.fixture
def clocks(monkeypatch: pytest.MonkeyPatch) -> Clocks:
    """Replace the clock that APScheduler uses."""
    clocks = Clocks()

    class Watch(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return clocks.now.astimezone(tz)

    monkeypatch.setattr("apscheduler.schedulers.base.datetime", Watch)
    monkeypatch.setattr("bot.serving.jobs.LOOK", 0.001)
    return clocks


async def test_editions_are_planned_at_once_when_the_clock_is_set_back_and_right_again(
    clocks: Clocks,
) -> None:
    planner, hour = Planner(), timedelta(hours=1)
    leaps: list[datetime] = []
    at_work = Ticks(
        {
            "editions": Job(planner.plan_due, MINUTE, at_once=True),
            "health": Job(planner.plan_due, hour, 41 * MINUTE),
        },
        lambda: clocks.now,
        leapt=lambda: leaps.append(clocks.now),
        wall=lambda: clocks.now,
        passed=lambda: clocks.passed,
    )
    started = clocks.now
    at_work.start()
    assert await planner.again() == started
    for leap in (-hour, hour, hour, -hour, timedelta(days=4000), -timedelta(days=4000)):
        clocks.sets(leap)
        assert await planner.again() == clocks.now
        clocks.passed += 30
        clocks.sets(timedelta(seconds=30))
    assert len(leaps) == 6
    job = {job.id: job for job in at_work._scheduler.get_jobs()}
    assert job["editions"].next_run_time <= clocks.now + timedelta(minutes=1)
    assert job["health"].next_run_time <= clocks.now + hour
    await asyncio.wait_for(at_work.stop(), LONG_ENOUGH)


async def test_steady_clocks_are_not_taken_for_a_jump(clocks: Clocks) -> None:
    at_work = Ticks({}, lambda: clocks.now, wall=lambda: clocks.now, passed=lambda: clocks.passed)
    clocks.sets(timedelta(hours=1))
    clocks.passed += 3600
    assert not at_work.look()


@pytest.mark.parametrize("seconds", [0, 1, 59, 60, 61])
def test_the_next_full_minute_is_always_in_the_future(seconds: int) -> None:
    now = NOW + timedelta(seconds=seconds)
    for previous in (None, now, now - timedelta(days=4000), now + timedelta(days=1)):
        following = RegularTrigger(timedelta(minutes=1)).get_next_fire_time(previous, now)
        assert now < following <= now + timedelta(minutes=1)
        assert following.second == 0


@pytest.mark.parametrize("begun", [False, True])
async def test_a_stop_cancels_ticks_silently(
    begun: bool,  # noqa: FBT001  # pytest passes it by name
    caplog: pytest.LogCaptureFixture,
) -> None:
    asked = asyncio.Event()

    async def hang(_: datetime) -> None:
        asked.set()
        await asyncio.Event().wait()

    at_work = Ticks(
        {name: Job(hang, MINUTE, at_once=True) for name in ("editions", "pictures")},
        lambda: NOW,
        # Due by a timer, which comes after this test's own turn.
        wall=lambda: datetime.now(UTC) + timedelta(milliseconds=5),
    )
    at_work.start()
    before = asyncio.all_tasks()
    while asyncio.all_tasks() <= before:  # noqa: ASYNC110  # in just that turn
        await asyncio.sleep(0)
    assert not asked.is_set()
    if begun:
        await asyncio.wait_for(asked.wait(), LONG_ENOUGH)
    await asyncio.wait_for(at_work.stop(), LONG_ENOUGH)
    for _ in range(4):
        await asyncio.sleep(0)
    assert [each.getMessage() for each in caplog.records if each.levelname == "ERROR"] == []


async def test_a_stop_ends_a_job_whose_task_group_lost_the_cancellation() -> None:
    """A file is deleted: its rounds fail just as the stop cancels them, and the outage stays."""

    async def never(_: DatabaseFailure) -> None:
        await asyncio.Event().wait()

    outage = Outage(never)
    failing = asyncio.Event()

    class Failing:
        async def refresh_due(self, _: datetime, **__: object) -> tuple[()]:
            async def round_() -> None:
                failing.set()
                try:
                    await asyncio.Event().wait()
                except asyncio.CancelledError:
                    raise outage.begin(DatabaseFailure("it was deleted", "Stop.")) from None

            async with asyncio.TaskGroup() as rounds:
                rounds.create_task(round_())
            return ()

    at_work = rounds(Failing())
    at_work.start()
    await asyncio.wait_for(failing.wait(), LONG_ENOUGH)
    await asyncio.wait_for(at_work.stop(), LONG_ENOUGH)
    await outage.close()


async def test_a_process_that_does_not_serve_does_nothing() -> None:
    newsroom = Newsroom()
    await rounds(newsroom, serving=lambda: False).run("sources")
    assert newsroom.calls == 0
