"""Which update is begun when: a lane for each chat, so that none holds the others up.

Of each chat and of each person a few updates are under way and a few wait. Whatever asks for the
same as one that waits takes its place; beyond that, what comes last is dropped. An update whose
chat Telegram's limits hold up takes no place. Nothing here waits or sends: whoever uses it is
told what to begin.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

PLACES = 64
"""Updates that are worked on at the same time; those that wait for Telegram's limits aside."""
INLINE_PLACES = 2
"""Inline queries among them: each costs about what a command does, and people send one a letter."""
MOST_BEGUN = 96
"""Updates begun and not yet answered, also those that wait for Telegram's limits: what a process
that is killed loses at most. It is less than what Telegram hands out at once."""
CHAT_BEGUN = 3
"""Of one chat, or of one person."""
CHAT_WAITING = 16
PERSON_WAITING = 6
"""Of one person, over all chats."""
CROWDED = 1_000
"""Updates that wait in all; beyond that, a lane in which one waits takes no more."""
FULL = 2_000
"""Beyond that, no more are fetched for now: Telegram keeps them."""
INLINE_WAITING = 200
"""Inline queries that wait in all; beyond that the oldest is dropped: its writer typed on."""


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
    """

    chat: int | None
    person: int | None
    wish: Hashable = None
    silent: bool = False
    needed: bool = False


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
    ready: bool = False
    """Whether it stands in the line of lanes that may have something to begin."""
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
        self._chats_ready: deque[_Lane] = deque()
        self._inline_ready: deque[_Lane] = deque()
        self._busy = 0
        self._begun = 0
        self._inline_begun = 0
        self._paused: set[Item] = set()
        self._inline: dict[Item, None] = {}
        self._closed = False
        self.waiting = 0
        """Updates that wait, inline queries aside."""

    @property
    def is_full(self) -> bool:
        """Whether so many wait that no more should be fetched."""
        return self.waiting >= FULL

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
            lane.waiting[lane.waiting.index(given_up)] = item
            if item.chat is None:
                self._inline.pop(given_up)
                self._inline[item] = None
            return Arrival(Fate.WAITS, given_up)
        if not self._has_room(lane, item):
            self._forget(lane)
            return Arrival(Fate.DROPPED)
        lane.waiting.append(item)
        self._count(item, 1)
        if item.chat is None and len(self._inline) > INLINE_WAITING:
            given_up = next(iter(self._inline))
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
        self._busy -= 1
        self._continue()

    def resume(self, item: Item) -> None:
        """It goes on. There may be more under way for a moment than there are places."""
        self._paused.discard(item)
        self._busy += 1

    def finish(self, item: Item) -> None:
        """An update that was begun has been answered, or given up."""
        lane = self._lanes[("inline", item.person) if item.chat is None else item.chat]
        lane.begun -= 1
        self._begun -= 1
        self._inline_begun -= item.chat is None
        if item in self._paused:
            self._paused.discard(item)
        else:
            self._busy -= 1
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
        if item.needed or item.chat is None:
            return True
        person = self._people.get(item.person) if item.person is not None else None
        if self.waiting >= CROWDED and lane.waiting:
            return False
        return len(lane.waiting) < CHAT_WAITING and (
            person is None or person.waiting < PERSON_WAITING
        )

    def _count(self, item: Item, change: int) -> None:
        """One more, or one less, waits."""
        if item.chat is None:
            if change > 0:
                self._inline[item] = None
            else:
                del self._inline[item]
            return
        self.waiting += change
        if item.person is not None:
            person = self._people.setdefault(item.person, _Person())
            person.waiting += change
            self._forget_person(item.person)

    def _withdraw(self, item: Item) -> None:
        lane = self._lanes["inline", item.person]
        lane.waiting.remove(item)
        self._count(item, -1)
        self._forget(lane)

    def _offer(self, lane: _Lane) -> None:
        """Put a lane in line if it has something that waits."""
        if lane.waiting and not lane.ready:
            lane.ready = True
            (self._inline_ready if lane.chat is None else self._chats_ready).append(lane)

    def _continue(self) -> None:
        begun: list[Item] = []
        self._go_on(begun)
        for item in begun:
            self._begin(item)

    def _go_on(self, begun: list[Item]) -> None:
        """Begin what may begin, lane after lane in turn."""
        for ready in (self._chats_ready, self._inline_ready):
            while ready and self._has_place(inline=ready is self._inline_ready):
                lane = ready.popleft()
                lane.ready = False
                item = self._next(lane)
                if item is None:
                    continue
                lane.waiting.remove(item)
                self._count(item, -1)
                lane.begun += 1
                if item.chat is not None and item.person is not None:
                    self._people.setdefault(item.person, _Person()).begun += 1
                self._busy += 1
                self._begun += 1
                self._inline_begun += item.chat is None
                begun.append(item)
                self._offer(lane)

    def _has_place(self, *, inline: bool) -> bool:
        if self._closed or self._busy >= PLACES or self._begun >= MOST_BEGUN:
            return False
        return not inline or self._inline_begun < INLINE_PLACES

    def _next(self, lane: _Lane) -> Item | None:
        """What a lane may begin; None while it has to wait for something."""
        if lane.begun >= (CHAT_BEGUN if lane.chat is not None else 1):
            return None  # the end of one of them offers it again
        pause = 0.0 if lane.chat is None else self._wait_for(lane.chat, lane.begun)
        for item in lane.waiting:
            person = self._people.get(item.person) if item.person is not None else None
            if lane.chat is None:
                return item
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
