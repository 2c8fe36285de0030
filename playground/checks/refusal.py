"""A request that Telegram would refuse, with the words that Telegram would use."""

from __future__ import annotations

from typing import Any


class ApiError(Exception):
    """An answer with `ok: false`.

    Attributes:
        code: the HTTP status and `error_code`.
        description: Telegram's text, such as `Bad Request: chat not found`.
        parameters: `retry_after` or `migrate_to_chat_id`, where Telegram gives them.
        violation: whether the request itself was wrong, whatever the state of the chats.
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
        """The JSON object that Telegram answers with."""
        answer: dict[str, Any] = {
            "ok": False,
            "error_code": self.code,
            "description": self.description,
        }
        if self.parameters:
            answer["parameters"] = self.parameters
        return answer


def bad_request(reason: str) -> ApiError:
    """A refusal that follows from the state of a chat: it may happen to a correct program."""
    return ApiError(400, f"Bad Request: {reason}")


def violation(reason: str) -> ApiError:
    """A refusal of a request that can never be right: a defect of the program that sent it."""
    return ApiError(400, f"Bad Request: {reason}", violation=True)


def forbidden(reason: str) -> ApiError:
    """A refusal because the bot may not write there."""
    return ApiError(403, f"Forbidden: {reason}")


def too_many_requests(retry_after: int) -> ApiError:
    """A refusal for now: `retry_after` is in seconds."""
    return ApiError(
        429,
        f"Too Many Requests: retry after {retry_after}",
        parameters={"retry_after": retry_after},
    )
