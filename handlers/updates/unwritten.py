"""Updates and open questions that a replica has yet to write into the tables it shares."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from storage.replicas.shared_updates import Batch

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Collection

    from storage.replicas.shared_updates import AskedQuestion, NewUpdate


@dataclass(slots=True)
class Unwritten:
    """Updates and open questions for the next transaction."""

    new: dict[int, tuple[NewUpdate, float]] = field(default_factory=dict)
    """Number of an update → the update, and when it was added, in monotonic seconds."""
    begun: dict[int, asyncio.Future[bool]] = field(default_factory=dict)
    """Number of an update to be answered now → whether this replica may answer it."""
    ended: set[int] = field(default_factory=set)
    released: set[int] = field(default_factory=set)
    """Updates of which no reader has seen a part of the answer, for another replica."""
    left: set[int] = field(default_factory=set)
    """Updates that were begun, whose readers another replica is to ask."""
    questions: dict[tuple[int, int, int], AskedQuestion] = field(default_factory=dict)
    """Ids of a chat, a person and a topic → the open questions there."""

    def __bool__(self) -> bool:
        """Return whether there is anything to write."""
        return bool(
            self.new or self.ended or self.begun or self.released or self.left or self.questions
        )

    def rows(self, claim: Collection[int], now: float) -> Batch:
        """Return everything as the rows of one transaction, with the shards to claim updates of."""
        new = [replace(each, age=now - since) for each, since in self.new.values()]
        return Batch(
            new,
            self.ended,
            self.begun,
            self.released,
            self.left,
            [*self.questions.values()],
            claim,
        )

    def put_back(self, failed: Unwritten) -> None:
        """Add the content of a failed transaction; later notes of the same update win."""
        self.new = {**failed.new, **self.new}
        self.ended |= failed.ended
        self.released |= failed.released
        self.left |= failed.left
        self.questions = {**failed.questions, **self.questions}

    def permit(self, may_answer: Callable[[int], bool]) -> None:
        """Decide for each update that waits to be answered, by its number, whether it may be."""
        for number, future in self.begun.items():
            if not future.done():
                future.set_result(may_answer(number))
