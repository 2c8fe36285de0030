"""The commands and their handlers; plain words that mean a command use the same handlers.

Each conversation declares its own commands, as `COMMANDS` of its module.
"""

from __future__ import annotations

from handlers.account import privacy, stop
from handlers.entry import (
    help,  # noqa: A004 - named after its command
    links,
    operators,
    start,
)
from handlers.following import picker
from handlers.settings import settings
from handlers.stories import ahead, corrections, latest, saved, search
from handlers.stories.editions import digest

COMMANDS = {
    **start.COMMANDS,
    **latest.COMMANDS,
    **picker.COMMANDS,
    **digest.COMMANDS,
    **search.COMMANDS,
    **saved.COMMANDS,
    **ahead.COMMANDS,
    **corrections.COMMANDS,
    **settings.COMMANDS,
    **stop.COMMANDS,
    **links.COMMANDS,
    **help.COMMANDS,
    **privacy.COMMANDS,
    **operators.COMMANDS,
}
