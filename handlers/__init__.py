"""Handlers of updates from Telegram: a person writes or taps, and the bot answers."""

from handlers.register import ALLOWED_UPDATES, publish, register

__all__ = ["ALLOWED_UPDATES", "publish", "register"]
