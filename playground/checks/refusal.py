"""Refusals of requests, in Telegram's words."""

from __future__ import annotations

from typing import Any


class ApiError(Exception):
    """An answer with `ok: false`.

    Attributes:
        code: The HTTP status and `error_code`.
        description: Telegram's text, such as `Bad Request: chat not found`.
        parameters: `retry_after` or `migrate_to_chat_id`, if Telegram sends them.
        violation: Whether the request itself was wrong, whatever the state of the chats.
    """

    def __init__(
        self,
        code: int,
        description: str,
        *,
        violation: bool = False,
        parameters: dict[str, int] | None = None,
    ) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.violation = violation
        self.parameters = parameters

    def body(self) -> dict[str, Any]:
        """Return the JSON object of the answer."""
        answer: dict[str, Any] = {
            "ok": False,
            "error_code": self.code,
            "description": self.description,
        }
        if self.parameters:
            answer["parameters"] = self.parameters
        return answer


def bad_request(reason: str) -> ApiError:
    """Return a refusal due to the state of a chat, which a correct program may get too."""
    return ApiError(400, f"Bad Request: {reason}")


def violation(reason: str) -> ApiError:
    """Return a refusal of a request that can never be right: a bug in the program."""
    return ApiError(400, f"Bad Request: {reason}", violation=True)


def forbidden(reason: str) -> ApiError:
    """Return a refusal because the bot may not write there."""
    return ApiError(403, f"Forbidden: {reason}")


def too_many_requests(retry_after: int) -> ApiError:
    """Return a refusal for `retry_after` seconds."""
    return ApiError(
        429,
        f"Too Many Requests: retry after {retry_after}",
        parameters={"retry_after": retry_after},
    )
