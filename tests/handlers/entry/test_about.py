from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.handlers.conftest import Bureau


async def test_about_says_what_the_bot_is(bureau: Bureau) -> None:
    ana = await bureau.reader()
    await ana.send("/about")
    await ana.until("I read the luxury business")
