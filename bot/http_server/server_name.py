"""The `Server` header of the bot's HTTP servers; `onnews doctor` recognises them by it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aiohttp import web

NAME = "ON-News"


async def sign(_request: web.Request, response: web.StreamResponse) -> None:
    """Set the `Server` header of a response. Connected to aiohttp's `on_response_prepare`."""
    response.headers["Server"] = NAME
