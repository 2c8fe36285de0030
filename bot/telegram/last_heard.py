"""When Telegram last answered, whatever it was asked."""

from __future__ import annotations

import time

from bot.telegram.telegram_answers import read_answer

SERVER_ERROR = 500


class LastHeard:
    """When Telegram last answered this process.

    Only Telegram's own answers count, refusals and floods too: neither its 5xx, which any server in
    between may send for it, nor a proxy's page.
    """

    def __init__(self) -> None:
        self.at: float | None = None
        """Seconds of `time.monotonic`; None before the first answer."""

    def now(self) -> None:
        """Note an answer that is known to be Telegram's own."""
        self.at = time.monotonic()

    def read(self, status: int, answer: bytes) -> tuple[int, bytes]:
        """Return Telegram's own status and JSON body, as `read_answer` does; note the answer."""
        status, answer = read_answer(status, answer)
        if status < SERVER_ERROR:
            self.now()
        return status, answer
