"""The commands, and what answers each, also where it is said in plain words."""

from __future__ import annotations

from handlers import (
    digest,
    help,  # noqa: A004 - named after its command, as every file here
    latest,
    operators,
    picker,
    privacy,
    saved,
    search,
    settings,
    start,
    stop,
)

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
