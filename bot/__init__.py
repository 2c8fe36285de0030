"""The bot's process: settings, composition root, command line, Telegram transport."""
