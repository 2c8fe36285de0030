"""A rich message that Telegram would refuse."""

from __future__ import annotations

from playground.checks.refusal import ApiError


class Refusal(ApiError):  # noqa: N818 - what Telegram says, and no error of the playground's
    """A rich message that can never be right.

    Attributes:
        reason: Telegram's words, such as `RICH_MESSAGE_TEXT_TOO_LONG`.
        path: where in the message it is, such as `blocks[3].text`, which Telegram does not say.
    """

    def __init__(self, reason: str, path: str = "") -> None:
        super().__init__(400, f"Bad Request: {reason}", violation=True)
        self.reason = reason
        self.path = path

    def __str__(self) -> str:
        return f"{self.description} ({self.path})" if self.path else self.description


def unparsed(reason: str, path: str) -> Refusal:
    """A block whose fields or types are wrong; the Bot API's server says so before all else."""
    return Refusal(f"can't parse InputRichBlock: {reason}", path)
