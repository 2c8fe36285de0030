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

    def __init__(self, memory: Memory, clock: Callable[[], datetime]) -> None:
        self._memory = memory
        self._clock = clock
        self._noted: dict[tuple[int, int, int], str] = {}

    def changed_by(self, update: Update) -> Iterator[tuple[tuple[int, int, int], AskedQuestion]]:
        """Yield the open questions of an update's person that have changed, with their key."""
        for key, questions in questions_of(update, self._memory, self._clock()):
            if self._noted.get(key, "") != questions:
                self._noted[key] = questions
                yield key, AskedQuestion(*key, item_of(update).shard, questions)

    def learn(self, shards: Collection[int], found: Collection[AskedQuestion]) -> None:
        """Remember the questions that are open in shards that this replica has gained.

        Those that it remembers from before may have ended at another replica.
        """
        memory = self._memory
        for open_ in (memory.questions, memory.journeys, memory.desk_questions):
            open_.drop_those(lambda asker: shard_of(asker.chat_id) in shards)
        for each in found:
            self._noted[each.chat_id, each.user_id, each.thread_id] = each.questions
            recall(memory, each, self._clock())
