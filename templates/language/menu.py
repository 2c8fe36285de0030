"""Texts that Telegram shows about the bot: its menu of commands, and its profile."""

from __future__ import annotations

COMMANDS: dict[str, str] = {
    "latest": "The latest headlines",
    "category": "Choose what you follow",
    "digest": "Your edition, now",
    "search": "Search the news",
    "saved": "Your reading list",
    "ahead": "What is coming up",
    "corrections": "What we got wrong, and when",
    "settings": "Time, days, layout, language",
    "stop": "Stop your editions",
    "privacy": "What is kept about you",
    "help": "What I can do",
}
"""The commands in Telegram's menu, in this order; at most 256 characters each."""

PAGES_COMMANDS: dict[str, str] = {"links": "Your editions in a browser or feed reader"}
"""The commands that it adds where the operator has set PAGES_URL."""
EDITORS_COMMANDS: dict[str, str] = {"desk": "Drafts, what was published, corrections"}
"""The commands that Telegram's menu adds in the private chat of an editor."""
OPERATORS_COMMANDS: dict[str, str] = {"editors": "Who may write and publish"}
"""The commands that it adds in the private chat of an operator."""

DESCRIPTION = (
    "The luxury business: only what you follow, when you want it.\n\n"
    "Follow sections, markets and houses, and choose your days and time. "
    "Each edition is short: every story once, linked to its source. "
    "Ask for the latest at any time, save stories for later, send one to a friend."
)
"""The text that Telegram shows in an empty chat with the bot; at most 512 characters."""

SHORT_DESCRIPTION = "The luxury business in short editions: only what you follow, when you want it."
"""The text in the bot's profile and in shared links to it; at most 120 characters."""
