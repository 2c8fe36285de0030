"""Which bot an archive's readers know: it is noted, so that another one is told of."""

from __future__ import annotations

import json
import logging
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from storage.db.key_value import KeyValue

NOTE = "bot"
"""The key of the note: JSON of `BotIdentity`."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class BotIdentity:
    """A bot at Telegram, whatever token it has just now."""

    id: int
    username: str


async def known_bot(key_value: KeyValue) -> BotIdentity | None:
    """The bot that served last; None before the first start."""
    note = await key_value.get(NOTE)
    return None if note is None else BotIdentity(**json.loads(note))


async def note_bot(key_value: KeyValue, bot: BotIdentity) -> None:
    """Note who serves; if that is another bot than so far, say what it means.

    Telegram lets no bot write to those who have not pressed Start at it.
    """
    known = await known_bot(key_value)
    if known == bot:
        return
    if known is not None and known.id != bot.id:
        log.warning(
            "these readers had @%s so far, and this is @%s: each gets editions again, with all "
            "settings, on pressing Start here; groups and channels have to add it. What they saved "
            "and what they were sent is kept, and pictures are uploaded anew",
            known.username,
            bot.username,
        )
    await key_value.put(NOTE, json.dumps(asdict(bot)))
