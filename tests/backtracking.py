"""Steps of a regular expression: a matcher that goes back as `re` does, and counts.

A step is one look at a character, or one turn of a repetition. Like `re`, it passes over places
where no match can begin, and over branches that cannot begin with the character that is there.
"""

from __future__ import annotations

import re
import sys
from re import _compiler as compiler  # type: ignore[attr-defined]
from re import _constants as ops  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    Step = Callable[[int], int]
    """Matches from a place on; returns where the whole match ends, or -1."""

_EVERYTHING = sys.maxsize
_DEEP = 200_000
_ONE = frozenset({ops.LITERAL, ops.NOT_LITERAL, ops.ANY, ops.ANY_ALL, ops.IN})
_REPEATS = frozenset({ops.MAX_REPEAT, ops.MIN_REPEAT, ops.POSSESSIVE_REPEAT})


class TooManyStepsError(Exception):
    """A use of a pattern took more steps than it was allowed."""


class _Letters(dict[Any, bool]):
    """Character → whether one node of a pattern matches it, as `re` itself says."""

    def __init__(self, tree: Any, node: Any, flags: int) -> None:  # noqa: ANN401 — `re` has no types for it
        super().__init__()
        self._match = compiler.compile(parser.SubPattern(tree.state, [node]), flags).match

    def __missing__(self, letter: Any) -> bool:  # noqa: ANN401 — text or bytes
        self[letter] = found = self._match(letter) is not None
        return found


class Matcher:
    """A pattern that counts the steps of its uses."""

    def __init__(self, pattern: re.Pattern[Any]) -> None:
        self.steps = 0
        self._most = _EVERYTHING
        self._text: Sequence[Any] = ()
        self._whole: Any = ""
        self._to_end = False
        self._groups: dict[int, tuple[int, int]] = {}
        self._tree = parser.parse(pattern.pattern, pattern.flags & ~re.DEBUG)
        self._flags = pattern.flags
        self._first = self._begins(list(self._tree), self._flags)
        self._start = self._sequence(list(self._tree), self._accept, self._flags)

    def ends(self, use: str, text: Any, most: int = _EVERYTHING) -> list[int]:  # noqa: ANN401 — text or bytes
        """Return where the matches of one use end, and set `steps`.

        Raises:
            TooManyStepsError: It takes more than `most` steps.
        """
        deep = sys.getrecursionlimit()
        sys.setrecursionlimit(_DEEP)
        try:
            self.steps, self._most, self._whole = 0, most, text
            self._text = [text[at : at + 1] for at in range(len(text))]
            self._to_end = use == "fullmatch"
            return list(self._found(use))
        finally:
            sys.setrecursionlimit(deep)

    def _found(self, use: str) -> Iterator[int]:
        at, size, first = 0, len(self._text), self._first
        begins = {one for one in set(self._text) if any(letters[one] for letters in first or ())}
        while at <= size:
            self._step()
            end = -1
            if first is None or (at < size and self._text[at] in begins):
                self._groups.clear()
                end = self._start(at)
            if end >= 0:
                yield end
            if use in {"match", "fullmatch"} or (end >= 0 and use == "search"):
                return
            at = end if end > at else at + 1

    def _step(self, steps: int = 1) -> None:
        self.steps += steps
        if self.steps > self._most:
            raise TooManyStepsError

    def _accept(self, at: int) -> int:
        return -1 if self._to_end and at != len(self._text) else at

    def _begins(  # noqa: PLR0911 — one branch a kind
        self, nodes: Sequence[Any], flags: int
    ) -> list[_Letters] | None:
        """Return what a match can begin with; None if that is unknown, or if it may be empty."""
        found: list[_Letters] = []
        for op, value in nodes:
            if op in _ONE:
                return [*found, _Letters(self._tree, (op, value), flags)]
            if op is ops.SUBPATTERN or op is ops.ATOMIC_GROUP:
                inner = self._begins(*_inside(op, value, flags))
                return None if inner is None else found + inner
            if op is ops.BRANCH:
                each = [self._begins(list(branch), flags) for branch in value[1]]
                if any(one is None for one in each):
                    return None
                return found + [letters for one in each for letters in one or ()]
            if op in _REPEATS:
                inner = self._begins(list(value[2]), flags)
                if inner is None:
                    return None
                found += inner
                if value[0]:
                    return found
            elif op not in {ops.AT, ops.ASSERT, ops.ASSERT_NOT}:
                return None
        return None

    def _sequence(self, nodes: Sequence[Any], after: Step, flags: int) -> Step:
        for op, value in reversed(nodes):
            after = self._node(op, value, after, flags)
        return after

    def _node(  # noqa: C901, PLR0911 — one branch a kind
        self,
        op: Any,  # noqa: ANN401 — as above
        value: Any,  # noqa: ANN401 — as above
        after: Step,
        flags: int,
    ) -> Step:
        if op in _ONE:
            return self._one(_Letters(self._tree, (op, value), flags), after)
        if op is ops.AT:
            return self._place(value, after, flags)
        if op is ops.BRANCH:
            return self._branch(value[1], after, flags)
        if op is ops.SUBPATTERN:
            return self._group(value, after, flags)
        if op in _REPEATS:
            least, most, inner = value
            most = _EVERYTHING if most is ops.MAXREPEAT else most
            nodes = list(inner)
            if len(nodes) == 1 and nodes[0][0] in _ONE:
                return self._run(op, (least, most), _Letters(self._tree, nodes[0], flags), after)
            if op is ops.POSSESSIVE_REPEAT:
                alone = self._node(ops.MAX_REPEAT, (least, most, inner), lambda at: at, flags)
                return self._alone(alone, after)
            return self._repeat(op, (least, most), nodes, after, flags)
        if op is ops.ATOMIC_GROUP:
            return self._alone(self._sequence(list(value), lambda at: at, flags), after)
        if op in {ops.ASSERT, ops.ASSERT_NOT}:
            return self._look(value, after, flags, wanted=op is ops.ASSERT)
        if op is ops.GROUPREF:
            return self._again(value, after)
        raise NotImplementedError(str(op))

    def _one(self, letters: _Letters, after: Step) -> Step:
        def step(at: int) -> int:
            self._step()
            if at < len(self._text) and letters[self._text[at]]:
                return after(at + 1)
            return -1

        return step

    def _place(self, value: Any, after: Step, flags: int) -> Step:  # noqa: ANN401 — as above
        node = parser.SubPattern(self._tree.state, [(ops.AT, value)])
        here = compiler.compile(node, flags).match

        def step(at: int) -> int:
            # Anchors look at the characters on both sides, or at the two last ones.
            return after(at) if here(self._whole, at) else -1

        return step

    def _branch(self, branches: Any, after: Step, flags: int) -> Step:  # noqa: ANN401 — as above
        each = [
            (self._begins(list(one), flags), self._sequence(list(one), after, flags))
            for one in branches
        ]
        fitting: dict[Any, list[Step]] = {}

        def step(at: int) -> int:
            self._step()
            letter = self._text[at] if at < len(self._text) else None
            if letter not in fitting:
                fitting[letter] = [
                    one
                    for first, one in each
                    if first is None or (letter is not None and any(x[letter] for x in first))
                ]
            for one in fitting[letter]:
                end = one(at)
                if end >= 0:
                    return end
            return -1

        return step

    def _group(self, value: Any, after: Step, flags: int) -> Step:  # noqa: ANN401 — as above
        number, inner = value[0], _inside(ops.SUBPATTERN, value, flags)
        if number is None:
            return self._sequence(inner[0], after, inner[1])
        begun: list[int] = []

        def close(at: int) -> int:
            before, start = self._groups.get(number), begun.pop()
            self._groups[number] = (start, at)
            end = after(at)
            if end < 0:
                begun.append(start)
                if before is None:
                    del self._groups[number]
                else:
                    self._groups[number] = before
            return end

        held = self._sequence(inner[0], close, inner[1])

        def open_(at: int) -> int:
            begun.append(at)
            end = held(at)
            if end < 0:
                begun.pop()
            return end

        return open_

    def _run(  # noqa: C901 — its three kinds
        self,
        op: Any,  # noqa: ANN401 — as above
        counts: tuple[int, int],
        letters: _Letters,
        after: Step,
    ) -> Step:
        least, most = counts

        def reach(at: int, limit: int) -> int:
            text, end = self._text, min(len(self._text), at + limit)
            begin = at
            while at < end and letters[text[at]]:
                at += 1
            self._step(at - begin + 1)
            return at

        def greedy(at: int) -> int:
            for place in range(reach(at, most), at + least - 1, -1):
                end = after(place)
                if end >= 0:
                    return end
            return -1

        def possessive(at: int) -> int:
            place = reach(at, most)
            return after(place) if place >= at + least else -1

        def lazy(at: int) -> int:
            place = reach(at, least)
            if place < at + least:
                return -1
            while True:
                end = after(place)
                if end >= 0 or place - at >= most or reach(place, 1) == place:
                    return end
                place += 1

        return {ops.MAX_REPEAT: greedy, ops.MIN_REPEAT: lazy}.get(op, possessive)

    def _repeat(
        self,
        op: Any,  # noqa: ANN401 — as above
        counts: tuple[int, int],
        nodes: Sequence[Any],
        after: Step,
        flags: int,
    ) -> Step:
        least, most = counts
        turn, begun = [0], [-1]

        def further(at: int) -> int:
            count, last = turn[0], begun[0]
            if count >= most or (at == last and count >= least):
                return -1
            turn[0], begun[0] = count + 1, at
            end = body(at)
            turn[0], begun[0] = count, last
            return end

        def enough(at: int) -> int:
            if turn[0] < least:
                return -1
            held = turn[0], begun[0]
            end = after(at)
            turn[0], begun[0] = held
            return end

        def loop(at: int) -> int:
            self._step()
            one, other = (further, enough) if op is ops.MAX_REPEAT else (enough, further)
            end = one(at)
            return end if end >= 0 else other(at)

        body = self._sequence(nodes, loop, flags)

        def enter(at: int) -> int:
            held = turn[0], begun[0]
            turn[0], begun[0] = 0, -1
            end = loop(at)
            turn[0], begun[0] = held
            return end

        return enter

    @staticmethod
    def _alone(inner: Step, after: Step) -> Step:
        def step(at: int) -> int:
            end = inner(at)
            return after(end) if end >= 0 else -1

        return step

    def _look(self, value: Any, after: Step, flags: int, *, wanted: bool) -> Step:  # noqa: ANN401 — as above
        direction, nodes = value
        back = nodes.getwidth()[0] if direction < 0 else 0
        inner = self._sequence(list(nodes), lambda at: at, flags)

        def step(at: int) -> int:
            seen = at >= back and inner(at - back) >= 0
            return after(at) if seen is wanted else -1

        return step

    def _again(self, number: int, after: Step) -> Step:
        def step(at: int) -> int:
            held = self._groups.get(number)
            if held is None:
                return -1
            size = held[1] - held[0]
            self._step(size + 1)
            same = self._text[held[0] : held[1]] == self._text[at : at + size]
            return after(at + size) if same else -1

        return step


def _inside(op: Any, value: Any, flags: int) -> tuple[list[Any], int]:  # noqa: ANN401 — as above
    """Return the nodes of a group, and the flags that hold in it."""
    if op is ops.ATOMIC_GROUP:
        return list(value), flags
    _, more, less, nodes = value
    return list(nodes), (flags | more) & ~less
