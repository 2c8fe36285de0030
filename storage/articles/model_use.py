"""What was asked of the language model today."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import UTC
from typing import TYPE_CHECKING

from storage.db.key_value import KeyValue

if TYPE_CHECKING:
    from datetime import datetime

    from storage.db.database import Database

KEY = "model-use"


@dataclass(frozen=True, slots=True)
class ModelUse:
    """Counts of one day of UTC."""

    day: str
    """The date, as `2026-11-24`."""
    requests: int = 0
    tokens: int = 0
    """Tokens read and written, with an estimate for what is in flight."""
    translated: int = 0
    """Headlines whose translation passed the checks."""
    refused: int = 0
    failed: int = 0
    """Requests without an answer."""


class ModelUses:
    """The counts of today, in the database, so that a restart does not forget them."""

    def __init__(self, db: Database) -> None:
        self._notes = KeyValue(db)

    async def today(self, now: datetime) -> ModelUse:
        """Return the counts since midnight UTC."""
        day = now.astimezone(UTC).date().isoformat()
        stored = await self._notes.get(KEY)
        use = ModelUse(**json.loads(stored)) if stored else ModelUse(day)
        return use if use.day == day else ModelUse(day)

    async def put(self, use: ModelUse) -> None:
        """Store the counts; only the process that sends does so."""
        await self._notes.put(KEY, json.dumps(asdict(use)))
