"""From Telegram to the handlers: lanes, the queue, the journal."""
