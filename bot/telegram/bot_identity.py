"""The identity of the bot that an archive's readers know, stored to detect a change."""

from __future__ import annotations

import json
import logging
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from storage.db.key_value import KeyValue

NOTE = "bot"
"""The key of the stored identity: JSON of `BotIdentity`."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class BotIdentity:
    """A bot's id and username at Telegram, which do not change with its token."""

    id: int
    username: str


async def known_bot(key_value: KeyValue) -> BotIdentity | None:
    """Return the bot that served last, or None before the first start."""
    note = await key_value.get(NOTE)
    return None if note is None else BotIdentity(**json.loads(note))


async def note_bot(key_value: KeyValue, bot: BotIdentity) -> None:
    """Store the bot that serves; log the consequences if it is another one than before.

    Telegram lets a bot write only to people who pressed Start in a chat with it.
    """
    known = await known_bot(key_value)
    if known == bot:
        return
    if known is not None and known.id != bot.id:
        log.warning(
            "these readers used @%s so far, and this is @%s: each gets editions again, with all "
            "settings, after pressing Start here; groups and channels have to add it. Saved "
            "stories and sent editions are kept, and pictures are uploaded again",
            known.username,
            bot.username,
        )
    await key_value.put(NOTE, json.dumps(asdict(bot)))
