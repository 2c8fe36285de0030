"""The services that handlers use: who is known, who may use the bot, memory, and settings."""
