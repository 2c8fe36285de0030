"""The chat page: its files, and the interface behind it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import Callable

    from playground.world import World

FILES = Path(__file__).parent / "page"


def add_routes(app: web.Application, world: World, base: Callable[[], str]) -> None:
    """Serve the page and what it asks for."""

    async def index(_request: web.Request) -> web.FileResponse:
        return web.FileResponse(FILES / "index.html")

    app.router.add_get("/", index)
    app.router.add_static("/page", FILES)
