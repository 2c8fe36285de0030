"""How each source is, by what it usually does: fine, quiet, failing, and what to do. Pure.

A source falls silent in more ways than by failing. Its usual rhythm is learned from the days on
which it had news, so that a weekly is not alarming on its second day, nor a daily on a Sunday.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from storage.model import SourceState

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from storage.model import Source

REMEMBERED = timedelta(days=200)
"""How far back a rhythm is learned from."""
SHARES_OF = timedelta(days=30)
"""The time whose articles say which sources a category lives on."""

LEARNED_AFTER = timedelta(days=14)
"""Any two weeks show what a source does at weekends."""
FEWEST_GAPS = 3
YOUNG = timedelta(days=21)
"""The silence of a source that is known for less, and told on more than three days of it."""
SHORTEST = timedelta(hours=36)
"""No shorter silence is told of, however busy the source."""
LONGEST = timedelta(days=92)
"""A longer one always is, whatever is known of the source."""
_BEYOND = 1.5
"""A silence is beyond the rhythm when it is so many times the longest usual one."""
FAILURES = 4
"""So many failures in a row, half an hour at the least, are more than a hiccup."""
_MOSTLY = 0.5
_FEWEST_ARTICLES = 5
"""Of a category in a month, for its shares to say anything."""


class Condition(StrEnum):
    """How a source is."""

    FINE = "fine"
    NEW = "not read yet"
    QUIET = "quiet"
    """It answers, and has had no news for longer than it ever takes."""
    FAILING = "failing"
    WALL = "wall page"
    """It shows programs a page for people: a consent form, a check for robots."""
    EMPTY = "empty feed"
    """Status 200, and not a single item."""
    NEVER = "never answered"
    PAUSED = "paused"
    RETIRED = "retired"
    """It said that it is gone for good."""


TROUBLE = (
    Condition.NEVER,
    Condition.FAILING,
    Condition.WALL,
    Condition.EMPTY,
    Condition.QUIET,
    Condition.RETIRED,
)
"""What an operator should hear of, the worst first."""
_ORDER = (*TROUBLE, Condition.NEW, Condition.PAUSED, Condition.FINE)

_FAILED = {each.value: each for each in (Condition.WALL, Condition.EMPTY)}


@dataclass(frozen=True, slots=True)
class Health:
    """How one source is."""

    source: Source
    condition: Condition
    since: datetime | None = None
    """For trouble: when the source last did as it should; for one that never did, when added."""
    reason: str = ""
    """What failed, short and lasting, such as `timeout`; for one that is fine, its last failure."""
    usual: timedelta | None = None
    """The longest silence that is usual; None while too little is known."""

    @property
    def troubled(self) -> bool:
        """Whether its readers will miss something."""
        return self.condition in TROUBLE

    @property
    def advice(self) -> str:
        """What to do, in one line; empty where there is nothing to do."""
        if self.condition in {Condition.FINE, Condition.NEW} and not self.reason:
            return ""
        source = self.source
        site = source.site or urljoin(source.url, "/")
        key = "timeout" if self.reason.startswith("http 5") else self.reason
        advice = _ADVICE.get(self.condition) or _ADVICE.get(key) or _UNKNOWN
        look = f"`onnews sources test {site}` looks for another feed of its site"
        pause = f"`onnews sources pause {source.id}`"
        return advice.format(
            look=look, pause=pause, site=site, reason=self.reason, number=source.id
        )


@dataclass(frozen=True, slots=True)
class Thin:
    """A category that lives mostly on sources in trouble."""

    category: str
    share: float
    """0 to 1: how much of a month's articles came from them."""


@dataclass(frozen=True, slots=True)
class Turned:
    """Whose health changed for the worse or the better since an operator was told."""

    bad: tuple[Health, ...]
    good: tuple[Health, ...]
    known: dict[int, str]
    """The sources in trouble that the operator knows of from now on, and their condition."""


def usual_silence(times: Iterable[datetime]) -> timedelta | None:
    """The longest silence that is usual for a source; None while too little is known.

    One silence that is twice as long as any other in a much longer time was an accident.

    Args:
        times: When it had news: the first and the last of each day will do.
    """
    moments = sorted(set(times))
    gaps = sorted((later - earlier for earlier, later in pairwise(moments)), reverse=True)
    if len(gaps) < FEWEST_GAPS or moments[-1] - moments[0] < LEARNED_AFTER:
        return None
    longest, second = gaps[:2]
    accident = longest > 2 * second and moments[-1] - moments[0] >= 4 * longest
    return second if accident else longest


def patience(usual: timedelta | None, interval: int, *, days: int) -> timedelta:
    """How long a source may be silent before an operator hears of it.

    Args:
        usual: The longest usual silence.
        interval: Seconds between two checks: news may wait that long to be seen.
        days: On how many days it had news: not even two weeks, and yet so often, is a beginning.
    """
    if usual is None:
        return YOUNG if days > FEWEST_GAPS else LONGEST
    return min(max(_BEYOND * usual, SHORTEST) + 2 * timedelta(seconds=interval), LONGEST)


def judge(source: Source, times: Sequence[datetime]) -> Health:
    """Say how a source is.

    Silence is counted up to the last answer: while nobody asked, nobody can have been silent.

    Args:
        source: Its record.
        times: When it had news; see `usual_silence`.
    """
    usual = usual_silence(times)
    reason = (source.last_error or "").partition(": ")[0]
    spoke = max((each for each in (source.last_new, *times[-1:]) if each), default=source.added)
    days = len({each.date() for each in times})
    condition = _condition(source, reason, spoke, patience(usual, source.interval, days=days))
    since = None
    if condition in TROUBLE:
        since = spoke if condition is Condition.QUIET else source.last_ok or source.added
    return Health(source, condition, since, reason, usual)


def _condition(source: Source, reason: str, spoke: datetime, patience_: timedelta) -> Condition:
    if not source.can_be_asked:
        return Condition.FINE
    if source.state is not SourceState.ACTIVE:
        return Condition(source.state.value)
    if source.failures >= FAILURES:
        if source.last_ok is None:
            return Condition.NEVER
        return _FAILED.get(reason, Condition.FAILING)
    if source.last_ok is None:
        return Condition.NEW
    return Condition.QUIET if source.last_ok - spoke > patience_ else Condition.FINE


def judge_all(
    sources: Iterable[Source], times: Mapping[int, Sequence[datetime]]
) -> tuple[Health, ...]:
    """How all sources are, those in trouble first, then by name.

    Args:
        sources: Their records.
        times: Source's id → when it had news, in order.
    """
    found = (judge(source, times.get(source.id, ())) for source in sources)
    return tuple(
        sorted(
            found,
            key=lambda one: (
                _ORDER.index(one.condition),
                one.source.name.casefold(),
                one.source.id,
            ),
        )
    )


def thin(healths: Collection[Health], shares: Mapping[str, Mapping[int, int]]) -> tuple[Thin, ...]:
    """The categories that will be thin, the most so first.

    Args:
        healths: How every source is.
        shares: Category → source's id → how many articles it brought in the last month.
    """
    known = {one.source.id for one in healths}
    troubled = {one.source.id for one in healths if one.troubled}
    found = []
    for category, counts in shares.items():
        total = sum(count for source, count in counts.items() if source in known)
        lost = sum(count for source, count in counts.items() if source in troubled)
        if total >= _FEWEST_ARTICLES and lost > _MOSTLY * total:
            found.append((-lost / total, -lost, category))
    return tuple(Thin(category, -share) for share, _, category in sorted(found))


def cut_off(healths: Collection[Health]) -> bool:
    """Whether so many sources cannot be reached that the fault is on this side."""
    # A third of a second that `onnews --help` need not wait for.
    from news.fetch.fetcher import UNREACHED  # noqa: PLC0415

    active = [one for one in healths if one.source.state is SourceState.ACTIVE]
    unreached = sum(one.troubled and one.reason in UNREACHED for one in active)
    return unreached >= FEWEST_GAPS and unreached > len(active) / 2


def turned(known: Mapping[int, str], healths: Iterable[Health]) -> Turned:
    """Whose health changed since an operator was told of these.

    A source that changes from one trouble to another has been told of. One that was paused or
    removed is the operator's own doing, and forgotten without a word.

    Args:
        known: The sources in trouble that the operator knows of.
        healths: How every source is now.
    """
    bad, good, still = [], [], {}
    for one in healths:
        number = one.source.id
        if one.troubled:
            still[number] = one.condition.value
            if number not in known:
                bad.append(one)
        elif number in known and one.condition is Condition.FINE:
            good.append(one)
        elif number in known and one.condition is not Condition.PAUSED:
            still[number] = known[number]
    return Turned(tuple(bad), tuple(good), still)


def summary(healths: Iterable[Health]) -> dict[Condition, int]:
    """How many sources are in each condition; the worst first, those without one left out."""
    counted = Counter(one.condition for one in healths)
    return {condition: counted[condition] for condition in _ORDER if counted[condition]}


_HICCUP = "failed just now ({reason}); asked again by itself"
_LATER = "its server is at fault; asked again by itself, at growing pauses"
_REFUSES = "it refuses programs: {look}, or {pause}"
_MOVED = "its feed has moved: {look}"
_UNKNOWN = "`onnews sources test {number}` shows what it says; {look}"
_ADVICE: dict[str, str] = {
    Condition.FINE: _HICCUP,
    Condition.NEW: _HICCUP,
    Condition.PAUSED: "`onnews sources resume {number}` asks it again",
    Condition.RETIRED: "{look}; `onnews sources remove {number}` takes it off",
    Condition.QUIET: "look at {site}; if it goes on there, {look}",
    Condition.WALL: "it lets no program in: {look}, or {pause}",
    Condition.EMPTY: "{look}; it may also fill again by itself",
    **dict.fromkeys(("timeout", "no connection", "bad answer", "cut short", "http 429"), _LATER),
    **dict.fromkeys(("http 404", "http 410"), _MOVED),
    **dict.fromkeys(("http 401", "http 402", "http 403", "http 406", "http 451"), _REFUSES),
    "no such host": "the site is gone or its name misspelt: {look}",
    "bad certificate": "its certificate is at fault; asked again by itself, once it is renewed",
    "private address": "set ALLOW_PRIVATE_SOURCES=true if it is a source of your own, or remove it",
    "defect": "a defect of ON News: the log holds it; please report it",
}
"""What to do about a source, by how it is, or else by the reason of its failure."""
