"""What our own HTTP servers call themselves: by it `onnews doctor` knows them on a taken port."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aiohttp import web

NAME = "ON-News"


async def sign(_request: web.Request, response: web.StreamResponse) -> None:
    """Say who answers; a signal of aiohttp's before each response."""
    response.headers["Server"] = NAME
