"""The smallest bot with python-telegram-bot: it answers /start and stores nothing."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from telegram.ext import ApplicationBuilder, CommandHandler, ContextTypes

if TYPE_CHECKING:
    from telegram import Update


async def start(update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
    """Answer."""
    if update.effective_message is not None:
        await update.effective_message.reply_text("Hello")


if __name__ == "__main__":
    application = (
        ApplicationBuilder()
        .token(os.environ["TELEGRAM_BOT_TOKEN"])
        .base_url(os.environ["TELEGRAM_API_URL"] + "/bot")
        .build()
    )
    application.add_handler(CommandHandler("start", start))
    application.run_polling()
