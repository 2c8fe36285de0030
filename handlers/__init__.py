"""A person writes, the bot answers: one file per conversation."""

from handlers.register import ALLOWED_UPDATES, publish, register

__all__ = ["ALLOWED_UPDATES", "publish", "register"]
