"""The open questions of readers, which the replica that gains their chats must know."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handlers.core.conversation import questions_of, recall
from handlers.updates.update_kinds import item_of
from storage.replicas.shared_updates import AskedQuestion
from storage.replicas.spread import shard_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from datetime import datetime

    from telegram import Update

    from handlers.core.services.memory import Memory


class SharedQuestions:
    """The open questions that this replica has noted or learned of."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self.memory: Memory | None = None
        """Where this replica remembers open questions; None before it begins."""
        self._noted: dict[tuple[int, int, int], str] = {}

    def changed_by(self, update: Update) -> Iterator[tuple[tuple[int, int, int], AskedQuestion]]:
        """Yield the open questions of an update's person that have changed, with their key."""
        if self.memory is None:
            return
        for key, questions in questions_of(update, self.memory, self._clock()):
            if self._noted.get(key, "") != questions:
                self._noted[key] = questions
                yield key, AskedQuestion(*key, item_of(update).shard, questions)

    def learn(self, shards: Collection[int], found: Collection[AskedQuestion]) -> None:
        """Remember the questions that are open in shards that this replica has gained.

        Those that it remembers from before may have ended at another replica.
        """
        if self.memory is not None:
            for open_ in (self.memory.questions, self.memory.journeys, self.memory.desk_questions):
                open_.drop_those(lambda asker: shard_of(asker.chat_id) in shards)
        for each in found:
            self._noted[each.chat_id, each.user_id, each.thread_id] = each.questions
            if self.memory is not None:
                recall(self.memory, each, self._clock())
