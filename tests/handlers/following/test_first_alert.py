"""The quiet hours that a private chat gets with its first alert. The bell of a house that is set
to big news only.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, update

from storage.tables.reader_schema import levels
from storage.tables.schema import articles
from tests.handlers.conftest import ask, press

if TYPE_CHECKING:
    from playground.people.people import BotMessage, Person
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
    await press(ana, off, await ana.next())
    assert await hours(bureau, ana) == (None, None)


async def test_only_a_first_bell_sets_quiet_hours_and_what_is_chosen_stays(bureau: Bureau) -> None:
    ana = await bureau.reader(follows=("motor", "gucci", "art"))
    known = await bureau.subscriber(ana)
    # A reader who has a bell keeps having none.
    await bureau.onnews.archive.subscribers.follow(known.id, "art", alerts=True)
    main = await ask(ana, "/settings")
    sheet = await press(ana, next(each for each in main.labels if "Alerts" in each), main)
    assert "Quiet" not in (await ana.tap("Gucci", sheet)).text
    sheet = await ana.next()
    assert await hours(bureau, ana) == (None, None)
    for each in ("🔔 Gucci", "🔔 Art"):
        sheet = await press(ana, each, sheet)
    # So does who chose none, or other hours, before the first bell or after it.
    for chosen, kept in (("23:00\u201308:00", (23 * 60, 8 * 60)), ("No quiet hours", (0, 0))):
        sheet = await press(ana, chosen, sheet)
        assert f"✓ {chosen}" in sheet.labels
        for each in ("Gucci", "🔔 Gucci"):
            assert "Quiet" not in (await ana.tap(each, sheet)).text
            sheet = await ana.next()
            assert await hours(bureau, ana) == kept


async def test_undo_of_typed_quiet_hours_leaves_them_to_the_first_bell(bureau: Bureau) -> None:
    ana = await bureau.reader(follows=("motor",))
    await press(ana, "Undo", await ask(ana, "mute alerts at night from 11 to 7"))
    await press(ana, "Alert me", await ask(ana, "/category motor"))
    assert await hours(bureau, ana) == NIGHT


async def test_a_keywords_first_bell_sets_quiet_hours_until_others_are_chosen(
    bureau: Bureau,
) -> None:
    ana = await bureau.reader()
    known = await bureau.subscriber(ana)
    await bureau.onnews.archive.subscribers.follow_word(known.id, "night train")
    for chosen, kept in ((22 * 60, None), (60, 60)):
        done = await ask(ana, "more night train")
        assert "Quiet hours are now 22:00 to 07:00" in done.text
        await bureau.onnews.archive.subscribers.change(known.id, quiet_from=chosen)
        await press(ana, "Undo", done)
        assert (await bureau.subscriber(ana)).quiet_from == kept


async def test_a_bell_of_a_group_sets_no_quiet_hours(bureau: Bureau) -> None:
    chief = bureau.town.person("Chief")
    group = bureau.town.group("Club", [chief], settled=True)
    await chief.tap("Follow", await ask(chief, "/category@OnNewsBot motor", group))
    await press(chief, "Alert me", await chief.next(group), chat=group)
    assert (await bureau.subscriber(group)).quiet_from is None


async def news_of_gucci(bureau: Bureau, title: str, weight: float | None) -> int:
    """Store a story of Gucci with a weight, without planning its alerts."""
    id_ = await bureau.desk.print_(title, "gucci")
    await bureau.onnews.archive.database.execute(
        update(articles).where(articles.c.id == id_).values(weight=weight)
    )
    return id_


async def scale_of_gucci(ana: Person) -> BotMessage:
    """Open the scale of Gucci from what is followed."""
    await ana.tap("✓ Gucci", await press(ana, "Your choices", await ask(ana, "/settings")))
    return await ana.next()


async def test_a_bell_for_big_news_only_is_set_shown_obeyed_exported_and_forgotten(
    bureau: Bureau,
) -> None:
    ana = await bureau.reader(follows=("motor", "gucci"))
    alert = bureau.onnews.archive.newsroom.results.has_new
    for number, weight in enumerate((2.4, 1.15, 1.05, None)):
        await news_of_gucci(bureau, f"Gucci before, part {number}", weight)
    await alert([])

    # It is offered where the bell of a house is on.
    scale = await scale_of_gucci(ana)
    assert scale.labels[4:] == ["Unfollow", "Alert me", "Back"]
    assert "big news" not in scale.text
    scale = await press(ana, "Alert me", scale)
    assert scale.labels[4:] == ["Unfollow", "Stop alerts", "Only big news", "Back"]
    assert "the day’s top five: 2 in the last 30 days." in scale.text
    answer = await ana.tap("Only big news", scale)
    assert answer.text == "Gucci: you’ll get only big news as it breaks."
    scale = await ana.next()
    assert "✓ Only big news" in scale.labels

    # The settings show it.
    main = await ask(ana, "/settings")
    page = await press(ana, "Alerts · 1", main)
    assert page.labels[:2] == ["🔔★ Gucci", "Motor"]
    assert "★" in page.text

    await alert([await news_of_gucci(bureau, "Gucci paints a door", 1.0)])
    assert await bureau.unread(ana) == []
    await alert([await news_of_gucci(bureau, "Gucci is sold", 2.4)])
    assert "Gucci is sold" in (await ana.next()).text

    await ana.send("/export")
    sent = [(await ana.next()).body["document"]["file_id"] for _ in range(2)]
    document, shown = (bureau.town.world.files[each].data.decode() for each in sent)
    (kept,) = json.loads(document)["subscriptions"]
    assert {"category": "gucci", "alerts": True} in kept["follows"]
    assert kept["more_or_less"] == [{"kind": "alerts", "value": "gucci", "level": "large"}]
    assert "<li>Gucci 🔔 only big news</li>" in shown

    # Switched off, every story comes again.
    bureau.clock.pass_(minutes=1)
    scale = await scale_of_gucci(ana)
    answer = await ana.tap("✓ Only big news", scale)
    assert answer.text == "You’ll get Gucci news as it breaks."
    scale = await ana.next()
    await alert([await news_of_gucci(bureau, "Gucci paints a gate", 1.0)])
    assert "Gucci paints a gate" in (await ana.next()).text
    bureau.clock.pass_(minutes=1)
    await press(ana, "Only big news", scale)

    await ana.tap("Yes, delete everything", await ask(ana, "/forget"))
    await ana.until("Everything has been deleted")
    assert await bureau.onnews.archive.database.rows(select(levels)) == []


async def test_undo_brings_back_a_bell_for_big_news_only(bureau: Bureau) -> None:
    ana = await bureau.reader(follows=("motor", "gucci"))
    subscribers, reader = bureau.onnews.archive.subscribers, (await bureau.subscriber(ana)).id
    await subscribers.follow(reader, "gucci", alerts=True)
    await subscribers.set_only_large(reader, "gucci", on=True)
    await press(ana, "Undo", await ask(ana, "unfollow gucci"))
    assert "✓ Only big news" in (await scale_of_gucci(ana)).labels


@pytest.mark.parametrize("subject", ["motor", "kering"])
async def test_the_bell_of_another_category_is_for_all_its_news(
    bureau: Bureau, subject: str
) -> None:
    ana = await bureau.reader(follows=(subject,))
    reader = (await bureau.subscriber(ana)).id
    await bureau.onnews.archive.subscribers.follow(reader, subject, alerts=True)
    await ana.tap("Show more or less", await ask(ana, f"/category {subject}"))
    assert (await ana.next()).labels[4:] == ["Unfollow", "Stop alerts", "Back"]
