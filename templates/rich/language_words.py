"""The texts and filters of all languages, as pages take them from the renderer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import datetime

    from templates.language.filters import Filters


class LanguageWords(Protocol):
    """The texts and filters of all languages (`Renderer`)."""

    def label(self, key: str, language: str, /, **values: object) -> str:
        """Return a short plain text."""

    def filters(self, language: str) -> Filters:
        """Return the filters for names, numbers and dates."""

    @property
    def bot_link(self) -> str:
        """The bot's address; empty while its user name is not known."""


def time_before(words: LanguageWords, language: str, local: datetime, moment: datetime) -> str:
    """Name an earlier moment as seen from the later one, local to the reader: `yesterday 08:00`."""
    filters, zone = words.filters(language), str(local.tzinfo)
    days = (local.date() - moment.astimezone(local.tzinfo).date()).days
    return words.label(
        ("at_today", "at_yesterday")[days] if days in {0, 1} else "at_day",
        language,
        day=filters.dates.weekday(moment, zone),
        clock=filters.dates.clock(moment, zone),
    )
