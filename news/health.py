"""Health of each source, compared with its usual rhythm, and advice for the operator. Pure.

A source may fall silent without failing. Its rhythm is learned from the days on which it had news,
so a weekly raises no alarm on its second day, nor a daily on a Sunday.
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
"""Period of past news from which a source's rhythm is learned."""
SHARES_OF = timedelta(days=30)
"""Period of the articles that show which sources a category depends on."""

LEARNED_AFTER = timedelta(days=14)
"""Shortest period of news that shows a rhythm: two weeks include two weekends."""
FEWEST_GAPS = 3
YOUNG = timedelta(days=21)
"""Tolerated silence of a source with an unknown rhythm and news on more than three days."""
SHORTEST = timedelta(hours=36)
"""Shortest silence that is reported, before the interval of checks is added."""
LONGEST = timedelta(days=92)
"""Longest silence that is tolerated, whatever the rhythm."""
_BEYOND = 1.5
"""How many times the longest usual silence a silence must last to be unusual."""
FAILURES = 4
"""Failures in a row that count as failing; they take half an hour at least."""
_MOSTLY = 0.5
_FEWEST_ARTICLES = 5
"""Fewest articles of a category in a month for its shares to be meaningful."""


class Condition(StrEnum):
    """Condition of a source."""

    FINE = "fine"
    NEW = "not read yet"
    QUIET = "quiet"
    """The source answers, but has had no news for longer than is usual for it."""
    FAILING = "failing"
    WALL = "wall page"
    """The source serves programs a page for people: a consent form, a check for robots."""
    EMPTY = "empty feed"
    """The source answers status 200 with no items."""
    NEVER = "never answered"
    PAUSED = "paused"
    RETIRED = "retired"
    """The source answered that it is permanently gone."""


TROUBLE = (
    Condition.NEVER,
    Condition.FAILING,
    Condition.WALL,
    Condition.EMPTY,
    Condition.QUIET,
    Condition.RETIRED,
)
"""Conditions that are reported to an operator, the worst first."""
_ORDER = (*TROUBLE, Condition.NEW, Condition.PAUSED, Condition.FINE)

_FAILED = {each.value: each for each in (Condition.WALL, Condition.EMPTY)}


@dataclass(frozen=True, slots=True)
class Health:
    """Health of one source."""

    source: Source
    condition: Condition
    since: datetime | None = None
    """In trouble: when the source last worked, or was added if it never did. Otherwise None."""
    reason: str = ""
    """Last failure in a few fixed words, such as `timeout`; empty if there is none."""
    usual: timedelta | None = None
    """Longest usual silence; None while too little is known."""

    @property
    def troubled(self) -> bool:
        """Whether the source is in trouble, so that its readers will miss articles."""
        return self.condition in TROUBLE

    @property
    def advice(self) -> str:
        """What the operator can do, in one line; empty if nothing is needed."""
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
class ThinCategory:
    """A category that gets most of its articles from sources in trouble."""

    category: str
    share: float
    """Share, 0 to 1, of a month's articles that came from the sources in trouble."""


@dataclass(frozen=True, slots=True)
class HealthChanges:
    """Sources with better or worse health than at the last report to the operator."""

    bad: tuple[Health, ...]
    good: tuple[Health, ...]
    known: dict[int, str]
    """Source's id → condition, of the sources in trouble that were reported to the operator."""


def usual_silence(times: Iterable[datetime]) -> timedelta | None:
    """Return the longest usual silence of a source, or None while too little is known.

    A single silence more than twice as long as any other, in a period at least four times as long,
    is taken as an accident and ignored. The first and last time of each day are enough.
    """
    moments = sorted(set(times))
    gaps = sorted((later - earlier for earlier, later in pairwise(moments)), reverse=True)
    if len(gaps) < FEWEST_GAPS or moments[-1] - moments[0] < LEARNED_AFTER:
        return None
    longest, second = gaps[:2]
    accident = longest > 2 * second and moments[-1] - moments[0] >= 4 * longest
    return second if accident else longest


def patience(usual: timedelta | None, interval: int, *, days: int) -> timedelta:
    """Return how long a source may be silent before it is reported.

    If its rhythm is unknown, more than three `days` with news are a beginning.
    """
    if usual is None:
        return YOUNG if days > FEWEST_GAPS else LONGEST
    return min(max(_BEYOND * usual, SHORTEST) + 2 * timedelta(seconds=interval), LONGEST)


def judge(source: Source, times: Sequence[datetime]) -> Health:
    """Return the health of a source; time when it was not polled does not count as silence."""
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
    """Return the health of all sources, those in trouble first, then by name."""
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


def thin(
    healths: Collection[Health], shares: Mapping[str, Mapping[int, int]]
) -> tuple[ThinCategory, ...]:
    """Return the categories that depend on sources in trouble, the most affected first."""
    known = {one.source.id for one in healths}
    troubled = {one.source.id for one in healths if one.troubled}
    found = []
    for category, counts in shares.items():
        total = sum(count for source, count in counts.items() if source in known)
        lost = sum(count for source, count in counts.items() if source in troubled)
        if total >= _FEWEST_ARTICLES and lost > _MOSTLY * total:
            found.append((-lost / total, -lost, category))
    return tuple(ThinCategory(category, -share) for share, _, category in sorted(found))


def cut_off(healths: Collection[Health]) -> bool:
    """Return whether so many sources are unreachable that this machine is probably offline."""
    # This import takes a third of a second, which `onnews --help` need not spend.
    from news.fetch.fetcher import UNREACHED  # noqa: PLC0415

    active = [one for one in healths if one.source.state is SourceState.ACTIVE]
    unreached = sum(one.troubled and one.reason in UNREACHED for one in active)
    return unreached >= FEWEST_GAPS and unreached > len(active) / 2


def turned(known: Mapping[int, str], healths: Iterable[Health]) -> HealthChanges:
    """Return the sources with changed health since the last report to the operator.

    A change from one trouble to another is not reported again. Sources that were paused or removed
    are dropped without a report, because the operator did that.
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
    return HealthChanges(tuple(bad), tuple(good), still)


def summary(healths: Iterable[Health]) -> dict[Condition, int]:
    """Return condition → number of sources, the worst first, without empty conditions."""
    counted = Counter(one.condition for one in healths)
    return {condition: counted[condition] for condition in _ORDER if counted[condition]}


_HICCUP = "failed once ({reason}); it is retried automatically"
_LATER = "its server has a problem; it is retried automatically, at growing intervals"
_REFUSES = "it refuses bots: {look}, or {pause}"
_MOVED = "its feed has moved: {look}"
_UNKNOWN = "`onnews sources test {number}` shows its answer; {look}"
_ADVICE: dict[str, str] = {
    Condition.FINE: _HICCUP,
    Condition.NEW: _HICCUP,
    Condition.PAUSED: "`onnews sources resume {number}` resumes it",
    Condition.RETIRED: "{look}; `onnews sources remove {number}` removes it",
    Condition.QUIET: "look at {site}; if it still publishes, {look}",
    Condition.WALL: "it blocks bots: {look}, or {pause}",
    Condition.EMPTY: "{look}; or wait, as it may fill again",
    **dict.fromkeys(("timeout", "no connection", "bad answer", "cut short", "http 429"), _LATER),
    **dict.fromkeys(("http 404", "http 410"), _MOVED),
    **dict.fromkeys(("http 401", "http 402", "http 403", "http 406", "http 451"), _REFUSES),
    "no such host": "the site is gone or its name misspelt: {look}",
    "bad certificate": "its certificate is invalid; it is retried automatically",
    "private address": "set ALLOW_PRIVATE_SOURCES=true if it is a source of your own, or remove it",
    "defect": "a bug in ON News: please report it, with the traceback in the log",
}
"""Condition or reason of a failure → advice."""
