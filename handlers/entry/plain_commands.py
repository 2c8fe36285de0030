"""What a whole message in plain words does: a command, a page of the settings, or a question."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from handlers.entry import typed_changes
from handlers.entry.commands import COMMANDS
from handlers.settings import settings
from handlers.stories import numbered, search
from handlers.taps.callback_data import Sheet
from handlers.typed import plain_words

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from telegram import Update

    from handlers.core.context import Context

SHEETS = {
    "hour": Sheet.HOUR,
    "days": Sheet.DAYS,
    "language": Sheet.LANGUAGE,
    "pause": Sheet.PAUSE,
}
ASKED = {
    "resume": typed_changes.resume,
    "follow": typed_changes.ask_what_to_follow,
    "mute": typed_changes.ask_what_to_mute,
    "more": numbered.more,
    "why": numbered.why_typed,
    "today": search.of_days,
    "yesterday": search.of_days,
    "week": search.of_days,
}
"""What can only be typed, and its handler."""
PLAIN: dict[str, Callable[[Update, Context], Awaitable[None]]] = {
    name: partial(settings.sheet_below, what=SHEETS[name])
    if name in SHEETS
    else ASKED.get(name) or COMMANDS[name]
    for name in plain_words.COMMANDS
}
"""Each command that `plain_words` recognises, and its handler."""
