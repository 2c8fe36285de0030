"""Days without news, as a bot's first one: no text speaks as if there were some."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.handlers.conftest import Bureau


async def test_an_archive_without_news_promises_no_edition_and_no_houses_of_the_week(
    bureau: Bureau,
) -> None:
    bureau.clock.pass_(days=30)
    ana = bureau.town.person("Ana")
    await ana.start()
    await ana.next()
    await ana.tap("Houses")
    assert (await ana.next()).text.startswith("Houses\nTap to follow")
    await ana.tap("Choose for me")
    await ana.tap("Keep 08:00")
    await ana.tap("Keep Milan")
    ready = await ana.until("All set")
    assert "Here is your first edition" not in ready.text
    assert (await ana.next()).text.startswith("The latest in what you follow")

    # What the week had is counted anew after a while.
    bureau.clock.pass_(hours=1)
    await bureau.desk.print_("Gucci opens a garden", "style", "gucci")
    leo = bureau.town.person("Leo")
    await leo.start()
    await leo.next()
    await leo.tap("Houses")
    assert (await leo.next()).text.startswith("Houses in the news this week")
    await leo.tap("Choose for me")
    await leo.tap("Keep 08:00")
    await leo.tap("Keep Milan")
    assert "Here is your first edition" in (await leo.until("All set")).text
    assert "Gucci opens a garden" in (await leo.next()).text


async def test_a_group_is_told_what_is_kept_about_the_group(bureau: Bureau) -> None:
    ana = bureau.town.person("Ana")
    group = bureau.town.group("Desk", [ana])
    await ana.until("I’m ON News", group)
    await ana.tap("Set up", chat=group)
    for label in ("Choose for me", "Keep 08:00", "Keep Milan"):
        await ana.tap(label, chat=group)
    ready = await ana.until("All set", group)
    assert "What is kept about this chat" in ready.labels
