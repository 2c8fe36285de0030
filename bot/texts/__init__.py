"""Every text of the bot on one page, and the sample values that fill it."""
