"""From Telegram to the handlers: the queue of updates, its lanes and its journal."""
