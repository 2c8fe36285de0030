"""Copies whose delivery is recorded only after the first search for copies of a correction."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from storage.ledger.deliveries import Deliveries
from storage.model import Grade
from tests.digest.correcting.conftest import EDITOR

if TYPE_CHECKING:
    from collections.abc import Sequence

    from storage.db.database import Database
    from storage.model import Settlement
    from tests.digest.correcting.conftest import Desk

WRONG, RIGHT = "Prada buys Versace for 1.25 million euros", "Prada buys Versace for 1.25 billion"


class LateLedger(Deliveries):
    """A ledger whose settlements keep their time, and are committed when a test lets them."""

    def __init__(self, db: Database) -> None:
        super().__init__(db)
        self.reached = asyncio.Event()
        self.let_through = asyncio.Event()

    async def commit(
        self,
        *,
        settle: Sequence[Settlement] = (),
        **rest: Any,  # noqa: ANN401 - of Deliveries.commit
    ) -> frozenset[int]:
        if settle:
            self.reached.set()
            await self.let_through.wait()
        return await super().commit(settle=settle, **rest)


async def test_a_delivery_recorded_after_the_first_search_is_corrected_once(desk: Desk) -> None:
    people = [await desk.person(name) for name in ("Ana", "Bea", "Carl")]
    wrong = await desk.article(WRONG)
    ledger = desk.deliveries = LateLedger(desk.db)
    desk.sender = desk.new_sender(outbox=desk.telegram, rich=desk.rich)
    sending = asyncio.create_task(desk.morning())
    await ledger.reached.wait()
    desk.time.pass_(seconds=1)

    await desk.amendments.correct(
        wrong, title=RIGHT, grade=Grade.TYPO, person_id=EDITOR, now=desk.time.now
    )
    await desk.corrector.drain()
    ledger.let_through.set()
    await sending
    correction = await desk.correct()

    assert all(RIGHT in person.chat.messages[-1].text for person in people)
    assert (correction.changed, correction.failed, correction.waiting) == (len(people), {}, 0)
    assert correction.done is not None
    edits = [each for each in desk.town.requests if each.method == "editMessageText"]
    assert len(edits) == len(people)
