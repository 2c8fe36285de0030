"""Refusals of rich messages."""

from __future__ import annotations

from playground.checks.refusal import ApiError


class Refusal(ApiError):  # noqa: N818 - Telegram's answer, not an error of the playground
    """A rich message can never be right.

    Attributes:
        reason: Telegram's words, such as `RICH_MESSAGE_TEXT_TOO_LONG`.
        path: The place of the mistake, such as `blocks[3].text`, which Telegram does not report.
    """

    def __init__(self, reason: str, path: str = "") -> None:
        super().__init__(400, f"Bad Request: {reason}", violation=True)
        self.reason = reason
        self.path = path

    def __str__(self) -> str:
        return f"{self.description} ({self.path})" if self.path else self.description


def unparsed(reason: str, path: str) -> Refusal:
    """Return the refusal of a block with wrong fields or types, which the server checks first."""
    return Refusal(f"can't parse InputRichBlock: {reason}", path)
