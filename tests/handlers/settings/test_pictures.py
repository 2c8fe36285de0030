"""A card shows its picture, unless their reader would rather not have them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.handlers.conftest import Bureau


async def test_a_card_shows_no_picture_once_that_is_switched_off(bureau: Bureau) -> None:
    ana = await bureau.reader()
    await ana.send("/latest")
    latest = await ana.next()
    await ana.tap("1", latest)
    assert (await ana.next()).preview is not None
    await ana.send("/settings")
    await ana.tap("Layout · Summaries", await ana.next())
    sheet = await ana.next()
    assert "✓ Show pictures" in sheet.labels
    await ana.tap("✓ Show pictures", sheet)
    assert "Show pictures" in (await ana.next()).labels
    await ana.tap("2", latest)
    assert (await ana.next()).preview is None
