"""The order in which updates are begun: one lane per chat, so that no chat delays another.

Only a few updates of a chat or a person are begun at a time, and a few more wait. Those of one
person in a chat are begun one after another, in the order of Telegram's numbers; one that waits for
others holds up the next for a moment only. An update that asks for the same as a waiting one
replaces it. If there is no room, the newest is dropped. An update held up by Telegram's limits does
not count as running. Known people go first; new and unknown people have a few places of their own.
Nothing here waits or sends: the caller is notified which update to begin.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from enum import Enum, auto
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from digest.pacing.priorities import Standing

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Sequence

    from handlers.updates.update_kinds import Item

PLACES = 64
"""The most updates of known people that run at once, without those held up by Telegram."""
MOST_BEGUN = 72
"""The most updates of known people begun and not answered, with those held up by Telegram."""
PLACES_OF = {
    Standing.OPERATOR: 3,
    Standing.KNOWN: PLACES,
    Standing.NEW: 16,
    Standing.STRANGER: 8,
}
BEGUN_OF = {**PLACES_OF, Standing.KNOWN: MOST_BEGUN}
"""The most updates begun and not answered, by standing.

Their sum, the most that a killed process loses, is less than Telegram returns at once.
"""
INLINE_OF = {Standing.OPERATOR: 1, Standing.KNOWN: 2, Standing.NEW: 1, Standing.STRANGER: 1}
"""The most inline queries among them; an app sends one for each letter typed."""
CHAT_BEGUN = 3
"""The most begun updates of a chat or a person; unknown members do not count against known."""
CHAT_WAITING = 16
PERSON_WAITING = 8
"""The most updates of one person that wait, over all chats."""
HOLDS_UP = 1.0
"""Seconds that an update waiting for other servers or Telegram's limits holds up the next one.

The next one is that of the same person in the same chat; nobody else's is held up.
"""
CROWDED = 1_000
"""Number of waiting updates beyond which a lane may have only one waiting."""
FULL = 2_000
"""Number of waiting updates of known people beyond which Telegram is asked for no more."""
UNKNOWN_WAITING = 4_000
"""The most updates of new or unknown people that wait; further ones are dropped.

Otherwise those of known people would wait behind them at Telegram. If twice as many wait that must
not be dropped, no more are fetched.
"""
INLINE_WAITING = 200
"""The most waiting inline queries; beyond that the oldest of the least known is dropped."""


class ArrivalOutcome(Enum):
    """The outcome of an update's arrival."""

    BEGUN = auto()
    WAITS = auto()
    DROPPED = auto()


class Arrival(NamedTuple):
    """The outcome of an update's arrival, and the update that was dropped for it, if any."""

    outcome: ArrivalOutcome
    given_up: Item | None = None


@dataclass(slots=True, eq=False)
class _Lane:
    key: Hashable
    chat: int | None
    waiting: deque[Item] = field(default_factory=deque)
    begun: set[Item] = field(default_factory=set)
    ready: Standing | None = None
    """The queue of lanes in which this lane is, by standing; None if it is in none."""
    held: bool = False
    """Whether the lane waits for its chat's limits."""


@dataclass(slots=True, eq=False)
class _Person:
    waiting: int = 0
    begun: int = 0
    lanes: set[Hashable] = field(default_factory=set)
    """Keys of the lanes that wait until an update of this person ends."""


class Lanes:
    """The lanes of all chats.

    `begin` gets each update when its turn comes, unless that is at its arrival. `wait_for` returns
    the seconds until a chat may be sent another message, given the number of messages before it.
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
        self._timed: set[Item] = set()
        """Waiting updates that will soon be overdue."""
        self._inline: dict[Item, None] = {}
        self._closed = False
        self.waiting = 0
        """Number of waiting updates, without inline queries."""
        self._unknown = 0
        """How many of those are from new or unknown people."""

    @property
    def unknown_share(self) -> float:
        """Waiting updates of new or unknown people, as a share of those that may wait."""
        return self._unknown / UNKNOWN_WAITING

    @property
    def is_full(self) -> bool:
        """Whether too many updates wait for more to be fetched."""
        return self.waiting - self._unknown >= FULL or self._unknown >= 2 * UNKNOWN_WAITING

    def begun_or_waiting(self, chat: int) -> int:
        """Return the number of a chat's updates that are not answered yet."""
        lane = self._lanes.get(chat)
        return 0 if lane is None else len(lane.begun) + len(lane.waiting)

    def waits_for(self, chat: int, wish: Hashable) -> bool:
        """Return whether an update with an equal wish waits in a chat."""
        lane = self._lanes.get(chat)
        return lane is not None and any(item.wish == wish for item in lane.waiting)

    def arrive(self, item: Item) -> Arrival:
        """Accept an update; return whether it begins, waits or is dropped."""
        lane = self._lanes.get(item.lane)
        if lane is None:
            lane = self._lanes[item.lane] = _Lane(item.lane, item.chat)
        given_up = self._same(lane, item)
        if given_up is not None:
            # The new update also answers the better known person.
            item.standing = min(item.standing, given_up.standing)
            self._count(given_up, -1)
            place = lane.waiting.index(given_up)
            lane.waiting.remove(given_up)
            is_behind = _is_among(item, lane.waiting, place)
            lane.waiting.insert(len(lane.waiting) if is_behind else place, item)
            self._count(item, 1)
            self._offer(lane)
            return Arrival(ArrivalOutcome.WAITS, given_up)
        if not self._has_room(lane, item):
            given_up = self._less_known(lane, item)
            if given_up is None:
                self._forget(lane)
                return Arrival(ArrivalOutcome.DROPPED)
            lane.waiting.remove(given_up)
            self._count(given_up, -1)
        lane.waiting.insert(_place(lane.waiting, item), item)
        self._count(item, 1)
        if item.chat is None and len(self._inline) > INLINE_WAITING:
            least = max(each.standing for each in self._inline)
            given_up = next(each for each in self._inline if each.standing is least)
            self.withdraw(given_up)
        self._offer(lane)
        begun: list[Item] = []
        self._go_on(begun)
        for each in begun:
            if each is not item:
                self._begin(each)
        return Arrival(ArrivalOutcome.BEGUN if item in begun else ArrivalOutcome.WAITS, given_up)

    def pause(self, item: Item) -> None:
        """Free the place of a running update while it waits for Telegram's limits."""
        self._paused.add(item)
        self._busy[item.standing] -= 1
        self._continue()

    def resume(self, item: Item) -> None:
        """Let a paused update go on, even if more then run than there are places."""
        self._paused.discard(item)
        self._busy[item.standing] += 1

    def let_pass(self, item: Item) -> None:
        """Let an update hold up the next one of its person no longer."""
        item.holds_up = False
        self._look_again(item)

    def finish(self, item: Item) -> None:
        """Note that a begun update has been answered or dropped, and begin the next ones."""
        lane = self._lanes[item.lane]
        lane.begun.remove(item)
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
        """Begin no more updates; return those that waited, lane by lane in the order of arrival."""
        self._closed = True
        left = [item for lane in self._lanes.values() for item in lane.waiting]
        for lane in self._lanes.values():
            lane.waiting.clear()
        return left

    def _same(self, lane: _Lane, item: Item) -> Item | None:
        """Return the waiting update that this one replaces, or None."""
        if item.wish is None:
            return None
        for place, each in enumerate(lane.waiting):
            if each.wish == item.wish and each.number <= item.number:
                # Another member's wish does not wait for what this one asked before.
                is_free = each.person == item.person or not _is_among(item, lane.waiting, place)
                return each if is_free else None
        return None

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
        """Return the newest update in a full lane that may give way to this one, or None."""
        person = self._people.get(item.person) if item.person is not None else None
        if self._closed or len(lane.waiting) < CHAT_WAITING or item.standing.has_share:
            return None
        if person is not None and person.waiting >= PERSON_WAITING:
            return None
        others = [each for each in lane.waiting if each.standing.has_share and not each.needed]
        return others[-1] if others else None

    def _count(self, item: Item, change: int) -> None:
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

    def withdraw(self, item: Item) -> None:
        """Remove a waiting update from its lane."""
        lane = self._lanes[item.lane]
        lane.waiting.remove(item)
        self._count(item, -1)
        self._forget(lane)

    def _offer(self, lane: _Lane, behind: Standing | None = None) -> None:
        """Put a lane into the queue of the best standing that waits in it, after `behind`."""
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
        """Begin every update that may begin, lane by lane, the best known people first."""
        for standing in Standing:
            for lines in (self._chats_ready, self._inline_ready):
                ready = lines[standing]
                while ready and self._has_place(standing, inline=lines is self._inline_ready):
                    lane = ready.popleft()
                    if lane.ready is not standing:
                        continue  # the lane moved to a better queue
                    lane.ready = None
                    item = self._next(lane, standing)
                    if item is None:
                        self._offer(lane, behind=standing)
                        continue
                    self._start(lane, item)
                    begun.append(item)
                    self._offer(lane)

    def _start(self, lane: _Lane, item: Item) -> None:
        lane.waiting.remove(item)
        self._count(item, -1)
        lane.begun.add(item)
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
        """Return the next update of this standing in a lane, or None if it has to wait."""
        if lane.chat is None:
            return lane.waiting[0] if lane.waiting and not lane.begun else None
        counted = [each for each in lane.begun if standing.has_share or not each.standing.has_share]
        if len(counted) >= CHAT_BEGUN:
            return None  # `finish` offers the lane again
        pause = self._wait_for(lane.chat, len(lane.begun))
        held_up = {each.person for each in lane.begun if each.holds_up} - {None}
        before: set[int | None] = set()
        for item in lane.waiting:
            is_first = item.person is None or item.person not in before
            before.add(item.person)
            if item.standing is not standing or item.person in held_up:
                continue
            person = self._people.get(item.person) if item.person is not None else None
            if person is not None and person.begun >= CHAT_BEGUN and not item.needed:
                person.lanes.add(lane.key)
            elif pause <= 0 or item.silent or item.needed:
                if is_first or item.is_overdue:
                    return item
                self._hurry(item)
        if pause > 0 and lane.waiting and not lane.held:
            lane.held = True
            self._call_later(pause, lambda: self._released(lane))
        return None

    def _hurry(self, item: Item) -> None:
        """Let an update soon go before those of its person that wait for Telegram's limits."""
        if item not in self._timed:
            self._timed.add(item)
            self._call_later(HOLDS_UP, lambda: self._hurried(item))

    def _hurried(self, item: Item) -> None:
        self._timed.discard(item)
        item.is_overdue = True
        self._look_again(item)

    def _look_again(self, item: Item) -> None:
        lane = self._lanes.get(item.lane)
        if lane is not None:
            self._offer(lane)
            self._continue()

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


def _is_among(item: Item, waiting: Iterable[Item], first: int) -> bool:
    """Return whether updates of the same person wait from this place on."""
    return any(each.person == item.person for each in islice(waiting, first, None))


def _place(waiting: Sequence[Item], item: Item) -> int:
    """Return where an update goes: at the end, but before its person's later ones."""
    later = (
        place
        for place, each in enumerate(waiting)
        if each.person == item.person is not None and each.number > item.number
    )
    return next(later, len(waiting))
