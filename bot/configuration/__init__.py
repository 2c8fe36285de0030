"""The settings: what the environment and `.env` say, read once."""
