"""The quiet hours that a private chat gets with its first alert."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playground.people.people import Person
    from tests.handlers.conftest import Bureau

NIGHT = (22 * 60, 7 * 60)


async def hours(bureau: Bureau, who: Person) -> tuple[int | None, int | None]:
    known = await bureau.subscriber(who)
    return known.quiet_from, known.quiet_to


@pytest.mark.parametrize(
    ("language", "on", "off", "said"),
    [
        ("en", *("Alert me", "Stop alerts"), "Quiet hours are now 22:00 to 07:00; "),
        ("it", *("Avvisami", "Togli gli avvisi"), "«Non disturbare» ora va dalle 22:00 alle"),
        ("es", *("Activar alertas", "Quitar alertas"), "«No molestar» queda de 22:00 a 07:00; "),
        ("fr", *("M’alerter", "Couper les alertes"), "« Ne pas déranger » va désormais de 22 h"),
        ("zh", *("接收快讯", "关闭快讯"), "免打扰时段已设为 22:00 至 07:00，"),
    ],
)  # fmt: skip
async def test_a_first_bell_sets_quiet_hours_and_says_so_and_without_bells_they_go(
    bureau: Bureau, language: str, on: str, off: str, said: str
) -> None:
    ana = await bureau.reader("Ana", language)
    await ana.send("/category motor")
    answer = await ana.tap(on, await ana.next())
    assert said in answer.text.replace("\u00a0", " ").replace("\u202f", " ")
    assert await hours(bureau, ana) == NIGHT
    await ana.tap(off, await ana.next())
    await ana.next()
    assert await hours(bureau, ana) == (None, None)


async def test_only_a_first_bell_sets_quiet_hours_and_what_is_chosen_stays(bureau: Bureau) -> None:
    ana = await bureau.reader(follows=("motor", "gucci", "art"))
    known = await bureau.subscriber(ana)
    # A reader who has a bell keeps having none.
    await bureau.onnews.archive.subscribers.follow(known.id, "art", alerts=True)
    await ana.send("/settings")
    main = await ana.next()
    await ana.tap(next(each for each in main.labels if "Alerts" in each), main)
    sheet = await ana.next()
    assert "Quiet" not in (await ana.tap("Gucci", sheet)).text
    sheet = await ana.next()
    assert await hours(bureau, ana) == (None, None)
    for each in ("🔔 Gucci", "🔔 Art"):
        await ana.tap(each, sheet)
        sheet = await ana.next()
    # So does who chose none, or other hours, before the first bell or after it.
    for chosen, kept in (("23:00\u201308:00", (23 * 60, 8 * 60)), ("No quiet hours", (0, 0))):
        await ana.tap(chosen, sheet)
        sheet = await ana.next()
        assert f"✓ {chosen}" in sheet.labels
        for each in ("Gucci", "🔔 Gucci"):
            assert "Quiet" not in (await ana.tap(each, sheet)).text
            sheet = await ana.next()
            assert await hours(bureau, ana) == kept


async def test_undo_of_typed_quiet_hours_leaves_them_to_the_first_bell(bureau: Bureau) -> None:
    ana = await bureau.reader(follows=("motor",))
    await ana.send("mute alerts at night from 11 to 7")
    await ana.tap("Undo", await ana.next())
    await ana.next()
    await ana.send("/category motor")
    await ana.tap("Alert me", await ana.next())
    await ana.next()
    assert await hours(bureau, ana) == NIGHT


async def test_a_keywords_first_bell_sets_quiet_hours_until_others_are_chosen(
    bureau: Bureau,
) -> None:
    ana = await bureau.reader()
    known = await bureau.subscriber(ana)
    await bureau.onnews.archive.subscribers.follow_word(known.id, "night train")
    for chosen, kept in ((22 * 60, None), (60, 60)):
        await ana.send("more night train")
        done = await ana.next()
        assert "Quiet hours are now 22:00 to 07:00" in done.text
        await bureau.onnews.archive.subscribers.change(known.id, quiet_from=chosen)
        await ana.tap("Undo", done)
        await ana.next()
        assert (await bureau.subscriber(ana)).quiet_from == kept


async def test_a_bell_of_a_group_sets_no_quiet_hours(bureau: Bureau) -> None:
    chief = bureau.town.person("Chief")
    group = bureau.town.group("Club", [chief], settled=True)
    await chief.send("/category@OnNewsBot motor", group)
    await chief.tap("Follow", await chief.next(group))
    await chief.tap("Alert me", await chief.next(group))
    await chief.next(group)
    assert (await bureau.subscriber(group)).quiet_from is None
