"""The commands and their handlers; plain words that mean a command use the same handlers."""

from __future__ import annotations

from handlers.account import privacy, stop
from handlers.entry import help, operators, start  # noqa: A004 - `help` is named after its command
from handlers.following import picker
from handlers.settings import settings
from handlers.stories import digest, latest, saved, search

COMMANDS = {
    "start": start.start,
    "latest": latest.latest,
    "category": picker.category,
    "digest": digest.digest,
    "search": search.search,
    "saved": saved.saved,
    "settings": settings.settings,
    "stop": stop.stop,
    "help": help.show_help,
    "privacy": privacy.privacy,
    "export": privacy.export,
    "forget": privacy.forget,
    "ban": operators.ban,
    "allow": operators.allow,
}
