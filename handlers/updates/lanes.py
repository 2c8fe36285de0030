"""Which update is begun when: a lane for each chat, so that none holds the others up.

Of each chat and of each person a few updates are under way and a few wait. Whatever asks for the
same as one that waits takes its place; beyond that, what comes last is dropped. An update whose
chat Telegram's limits hold up takes no place. Whoever is known goes first; those who are new or
not known have a few places and some room of their own. Nothing here waits or sends: whoever uses
it is told what to begin.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TYPE_CHECKING, NamedTuple

from digest.pacing.standing import Standing

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

PLACES = 64
"""Updates of those who are known that are worked on at the same time; those that wait for
Telegram's limits aside."""
MOST_BEGUN = 72
"""The same that are begun and not yet answered, also those that wait for Telegram's limits."""
PLACES_OF = {
    Standing.OPERATOR: 3,
    Standing.KNOWN: PLACES,
    Standing.NEW: 16,
    Standing.STRANGER: 8,
}
BEGUN_OF = {**PLACES_OF, Standing.KNOWN: MOST_BEGUN}
"""Together what a process that is killed loses at most: less than Telegram hands out at once."""
INLINE_OF = {Standing.OPERATOR: 1, Standing.KNOWN: 2, Standing.NEW: 1, Standing.STRANGER: 1}
"""Inline queries among them: each costs about what a command does, and people send one a letter."""
CHAT_BEGUN = 3
"""Of one chat, or of one person; those who are known do not wait for others of their chat."""
CHAT_WAITING = 16
PERSON_WAITING = 6
"""Of one person, over all chats."""
CROWDED = 1_000
"""Updates that wait in all; beyond that, a lane in which one waits takes no more."""
FULL = 2_000
"""Beyond that, no more are fetched for now: Telegram keeps them."""
UNKNOWN_WAITING = 4_000
"""Updates of those who are new or not known that wait in all; beyond that they are dropped, since
those who are known write behind them. At twice as many that must not be dropped, no more are
fetched."""
INLINE_WAITING = 200
"""Inline queries that wait in all; beyond that the oldest of the least known is dropped: its writer
typed on."""


class Fate(Enum):
    """What becomes of an update that arrives."""

    BEGUN = auto()
    WAITS = auto()
    DROPPED = auto()


@dataclass(slots=True, eq=False)
class Item:
    """An update, as far as its turn is concerned.

    Attributes:
        chat: Where the answer goes; None for inline queries.
        person: Who wrote or tapped, if that is known.
        wish: What is asked for; the newest of two alike is enough. None: like nothing else.
        silent: Whether there is something to do before anything is sent to the chat, so that its
            limits do not matter yet.
        needed: Whether it must not be dropped, as a change of the bot's own membership.
        standing: How well whoever wrote is known.
    """

    chat: int | None
    person: int | None
    wish: Hashable = None
    silent: bool = False
    needed: bool = False
    standing: Standing = Standing.KNOWN


class Arrival(NamedTuple):
    """What became of an update, and which other one was given up for it."""

    fate: Fate
    given_up: Item | None = None


@dataclass(slots=True, eq=False)
class _Lane:
    key: Hashable
    chat: int | None
    waiting: deque[Item] = field(default_factory=deque)
    begun: int = 0
    unknown: int = 0
    """Those begun of members who are not known."""
    ready: Standing | None = None
    """In which line of lanes it is that may have something to begin."""
    held: bool = False
    """Whether it waits for its chat's limits."""


@dataclass(slots=True, eq=False)
class _Person:
    waiting: int = 0
    begun: int = 0
    lanes: set[Hashable] = field(default_factory=set)
    """Lanes that wait for something of this person's to end."""


class Lanes:
    """The lanes of all chats.

    Args:
        begin: Told of each update whose turn has come, other than at its arrival.
        wait_for: Seconds that a chat must wait until it may be sent one message more, if so many
            others go before it.
        call_later: Calls back after some seconds.
    """

    def __init__(
        self,
        begin: Callable[[Item], None],
        wait_for: Callable[[int, int], float],
        call_later: Callable[[float, Callable[[], None]], None],
    ) -> None:
        self._begin = begin
        self._wait_for = wait_for
        self._call_later = call_later
        self._lanes: dict[Hashable, _Lane] = {}
        self._people: dict[int, _Person] = {}
        self._chats_ready: dict[Standing, deque[_Lane]] = {each: deque() for each in Standing}
        self._inline_ready: dict[Standing, deque[_Lane]] = {each: deque() for each in Standing}
        self._busy = dict.fromkeys(Standing, 0)
        self._begun = dict.fromkeys(Standing, 0)
        self._inline_begun = dict.fromkeys(Standing, 0)
        self._paused: set[Item] = set()
        self._inline: dict[Item, None] = {}
        self._closed = False
        self.waiting = 0
        """Updates that wait, inline queries aside."""
        self._unknown = 0
        """Those of them of people who are new or not known."""

    @property
    def is_full(self) -> bool:
        """Whether so many wait that no more should be fetched."""
        return self.waiting - self._unknown >= FULL or self._unknown >= 2 * UNKNOWN_WAITING

    def begun_or_waiting(self, chat: int) -> int:
        """Updates of a chat that are not answered yet."""
        lane = self._lanes.get(chat)
        return 0 if lane is None else lane.begun + len(lane.waiting)

    def waits_for(self, chat: int, wish: Hashable) -> bool:
        """Whether an update that asks for the same waits in a chat."""
        lane = self._lanes.get(chat)
        return lane is not None and any(item.wish == wish for item in lane.waiting)

    def arrive(self, item: Item) -> Arrival:
        """Take an update in."""
        key = ("inline", item.person) if item.chat is None else item.chat
        lane = self._lanes.get(key)
        if lane is None:
            lane = self._lanes[key] = _Lane(key, item.chat)
        given_up = self._same(lane, item)
        if given_up is not None:
            # Who is known is answered by it as well.
            item.standing = min(item.standing, given_up.standing)
            self._count(given_up, -1)
            lane.waiting[lane.waiting.index(given_up)] = item
            self._count(item, 1)
            self._offer(lane)
            return Arrival(Fate.WAITS, given_up)
        if not self._has_room(lane, item):
            given_up = self._less_known(lane, item)
            if given_up is None:
                self._forget(lane)
                return Arrival(Fate.DROPPED)
            lane.waiting.remove(given_up)
            self._count(given_up, -1)
        lane.waiting.append(item)
        self._count(item, 1)
        if item.chat is None and len(self._inline) > INLINE_WAITING:
            least = max(each.standing for each in self._inline)
            given_up = next(each for each in self._inline if each.standing is least)
            self._withdraw(given_up)
        self._offer(lane)
        begun: list[Item] = []
        self._go_on(begun)
        for each in begun:
            if each is not item:
                self._begin(each)
        return Arrival(Fate.BEGUN if item in begun else Fate.WAITS, given_up)

    def pause(self, item: Item) -> None:
        """An update that is under way waits for Telegram's limits: its place is free."""
        self._paused.add(item)
        self._busy[item.standing] -= 1
        self._continue()

    def resume(self, item: Item) -> None:
        """It goes on. There may be more under way for a moment than there are places."""
        self._paused.discard(item)
        self._busy[item.standing] += 1

    def finish(self, item: Item) -> None:
        """An update that was begun has been answered, or given up."""
        lane = self._lanes[("inline", item.person) if item.chat is None else item.chat]
        lane.begun -= 1
        lane.unknown -= item.standing.has_share
        self._begun[item.standing] -= 1
        self._inline_begun[item.standing] -= item.chat is None
        if item in self._paused:
            self._paused.discard(item)
        else:
            self._busy[item.standing] -= 1
        if item.chat is not None and item.person is not None:
            person = self._people[item.person]
            person.begun -= 1
            parked, person.lanes = person.lanes, set()
            for key in parked:
                if key in self._lanes:
                    self._offer(self._lanes[key])
            self._forget_person(item.person)
        self._offer(lane)
        self._forget(lane)
        self._continue()

    def close(self) -> list[Item]:
        """Begin nothing more.

        Returns:
            What waited, chat by chat in the order of arrival.
        """
        self._closed = True
        left = [item for lane in self._lanes.values() for item in lane.waiting]
        for lane in self._lanes.values():
            lane.waiting.clear()
        return left

    def _same(self, lane: _Lane, item: Item) -> Item | None:
        if item.wish is None:
            return None
        return next((each for each in lane.waiting if each.wish == item.wish), None)

    def _has_room(self, lane: _Lane, item: Item) -> bool:
        if self._closed:
            return False
        unknown = item.standing.has_share
        if item.chat is None or (item.needed and item.standing is not Standing.STRANGER):
            return True
        waiting = self._unknown if unknown else self.waiting - self._unknown
        if unknown and waiting >= UNKNOWN_WAITING:
            return False
        if item.needed:
            return True
        person = self._people.get(item.person) if item.person is not None else None
        if waiting >= CROWDED and any(each.standing.has_share is unknown for each in lane.waiting):
            return False
        return len(lane.waiting) < CHAT_WAITING and (
            person is None or person.waiting < PERSON_WAITING
        )

    def _less_known(self, lane: _Lane, item: Item) -> Item | None:
        """Who gives way in a full lane to somebody who is known better: the last to come."""
        person = self._people.get(item.person) if item.person is not None else None
        if self._closed or len(lane.waiting) < CHAT_WAITING or item.standing.has_share:
            return None
        if person is not None and person.waiting >= PERSON_WAITING:
            return None
        others = [each for each in lane.waiting if each.standing.has_share and not each.needed]
        return others[-1] if others else None

    def _count(self, item: Item, change: int) -> None:
        """One more, or one less, waits."""
        if item.chat is None:
            if change > 0:
                self._inline[item] = None
            else:
                del self._inline[item]
            return
        self.waiting += change
        self._unknown += change * item.standing.has_share
        if item.person is not None:
            person = self._people.setdefault(item.person, _Person())
            person.waiting += change
            self._forget_person(item.person)

    def _withdraw(self, item: Item) -> None:
        lane = self._lanes["inline", item.person]
        lane.waiting.remove(item)
        self._count(item, -1)
        self._forget(lane)

    def _offer(self, lane: _Lane, behind: Standing | None = None) -> None:
        """Put a lane in line by the best known of those who wait in it, or of those `behind`."""
        first = min(
            (each.standing for each in lane.waiting if behind is None or each.standing > behind),
            default=None,
        )
        if first is not None and (lane.ready is None or first < lane.ready):
            lane.ready = first
            lines = self._inline_ready if lane.chat is None else self._chats_ready
            lines[first].append(lane)

    def _continue(self) -> None:
        begun: list[Item] = []
        self._go_on(begun)
        for item in begun:
            self._begin(item)

    def _go_on(self, begun: list[Item]) -> None:
        """Begin what may begin, lane after lane in turn, those first who are known best."""
        for standing in Standing:
            for lines in (self._chats_ready, self._inline_ready):
                ready = lines[standing]
                while ready and self._has_place(standing, inline=lines is self._inline_ready):
                    lane = ready.popleft()
                    if lane.ready is not standing:
                        continue  # it went to a better line
                    lane.ready = None
                    item = self._next(lane, standing)
                    if item is None:
                        self._offer(lane, behind=standing)
                        continue
                    self._start(lane, item)
                    begun.append(item)
                    self._offer(lane)

    def _start(self, lane: _Lane, item: Item) -> None:
        """Count an update as begun."""
        lane.waiting.remove(item)
        self._count(item, -1)
        lane.begun += 1
        lane.unknown += item.standing.has_share
        if item.chat is not None and item.person is not None:
            self._people.setdefault(item.person, _Person()).begun += 1
        self._busy[item.standing] += 1
        self._begun[item.standing] += 1
        self._inline_begun[item.standing] += item.chat is None

    def _has_place(self, standing: Standing, *, inline: bool) -> bool:
        if (
            self._closed
            or self._busy[standing] >= PLACES_OF[standing]
            or self._begun[standing] >= BEGUN_OF[standing]
        ):
            return False
        return not inline or self._inline_begun[standing] < INLINE_OF[standing]

    def _next(self, lane: _Lane, standing: Standing) -> Item | None:
        """What a lane may begin of a standing; None while that has to wait for something."""
        if lane.chat is None:
            return lane.waiting[0] if lane.waiting and not lane.begun else None
        if lane.begun - (0 if standing.has_share else lane.unknown) >= CHAT_BEGUN:
            return None  # the end of one of them offers it again
        pause = self._wait_for(lane.chat, lane.begun)
        for item in lane.waiting:
            if item.standing is not standing:
                continue
            person = self._people.get(item.person) if item.person is not None else None
            if person is not None and person.begun >= CHAT_BEGUN and not item.needed:
                person.lanes.add(lane.key)
            elif pause <= 0 or item.silent or item.needed:
                return item
        if pause > 0 and lane.waiting and not lane.held:
            lane.held = True
            self._call_later(pause, lambda: self._released(lane))
        return None

    def _released(self, lane: _Lane) -> None:
        lane.held = False
        self._offer(lane)
        self._forget(lane)
        self._continue()

    def _forget(self, lane: _Lane) -> None:
        if not lane.waiting and not lane.begun and self._lanes.get(lane.key) is lane:
            del self._lanes[lane.key]

    def _forget_person(self, number: int) -> None:
        person = self._people[number]
        if not person.waiting and not person.begun and not person.lanes:
            del self._people[number]
