"""The page with all texts of the bot for review, and the sample values of its templates."""
