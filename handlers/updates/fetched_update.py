"""An update together with the JSON that Telegram sent."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

from telegram import Update

if TYPE_CHECKING:
    from telegram import Bot


class FetchedUpdate(Update):
    """An update that keeps the JSON that it was parsed from.

    python-telegram-bot takes 20 times as long to make it again.
    """

    __slots__ = ("_received",)

    _received: str

    @classmethod
    def de_json(cls, data: dict[str, Any], bot: Bot | None = None) -> FetchedUpdate:
        """Parse an update.

        Args:
            data: The JSON object that Telegram sent.
            bot: The bot that fetched it; None for none.
        """
        update = cast("FetchedUpdate", super().de_json(data, bot))
        update._received = json.dumps(data)  # noqa: SLF001  # of this class
        return update

    def to_json(self) -> str:
        """Return the update as Telegram sent it, as JSON."""
        return self._received
