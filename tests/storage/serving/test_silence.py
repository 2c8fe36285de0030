"""How long replicas have been silent, with a clock that the test moves."""

from __future__ import annotations

from dataclasses import dataclass, replace

from storage.serving.liveness import Holder, Silence


@dataclass(frozen=True)
class Remote:
    """A replica of another machine."""

    id: int = 1
    holder: str = str(replace(Holder.here(), boot="elsewhere"))
    beat: int = 1
    seconds: float = 4.0


class Looks:
    """Looks at a replica, at times that the test sets."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.silence = Silence(lambda: self.now)

    def is_gone(self, after: float, beat: int = 1) -> bool:
        self.now += after
        self.silence.looked()
        return self.silence.is_gone(Remote(beat=beat))

    def fail(self, after: float) -> None:
        self.now += after
        self.silence.failed()


def test_a_replica_is_gone_after_its_seconds_without_a_heartbeat() -> None:
    looks = Looks()
    assert [looks.is_gone(each) for each in (9.0, 2.0, 1.9, 0.1)] == [False, False, False, True]
    assert not looks.is_gone(1.0, beat=2)
    assert [looks.is_gone(each, beat=2) for each in (3.9, 0.1)] == [False, True]


def test_a_look_that_fails_takes_only_its_own_time_from_the_silence() -> None:
    looks = Looks()
    assert not looks.is_gone(0.0)
    assert not looks.is_gone(3.0)
    looks.fail(0.8)
    assert not looks.is_gone(0.3)
    assert [looks.is_gone(each) for each in (0.9, 0.1)] == [False, True]


def test_while_the_database_is_away_no_replica_falls_silent() -> None:
    looks = Looks()
    assert not looks.is_gone(0.0)
    for _ in range(20):
        looks.fail(1.0)
    assert not looks.is_gone(1.0)
    assert not looks.is_gone(0.3, beat=2)
