"""The newcomer's journey over HTTP, from /start to the first edition, in each language."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from handlers.taps.callback_codec import base36
from storage.ledger.delivery_stats import Ledger
from storage.model import Layout, State
from tests.handlers.conftest import ask, press, start

if TYPE_CHECKING:
    from playground.people.people import BotMessage, Person
    from tests.handlers.conftest import Bureau

WORDS = {
    "en": ("Welcome to ON News", "Motor", "Done", "What time", "Milan", "All set", "Good"),
    "it": ("Ecco ON News", "Motori", "Fatto", "A che ora", "Milano", "Tutto pronto", "Buon"),
    "es": (
        "bienvenida a ON News",
        "Motor",
        "Listo",
        "¿A qué hora",
        "Milán",
        "Todo listo",
        "Buen",
    ),
    "fr": (
        "Bienvenue sur ON News",
        "Automobile",
        "Terminé",
        "À quelle heure",
        "Milan",
        "Tout est prêt",
        "Bon",
    ),
}


@pytest.mark.parametrize("language", WORDS)
async def test_four_taps_lead_from_start_to_the_first_edition(
    bureau: Bureau, language: str
) -> None:
    welcome, motor, done, hour, city, ready, greeting = WORDS[language]
    ana = bureau.town.person("Ana Rossi", f"{language}-CH")
    greeted = await start(ana)
    assert welcome in greeted.text
    kinds = greeted.body["reply_markup"]["inline_keyboard"]
    assert max(map(len, kinds)) == 2, "more in a row, and a phone cuts Sections off"

    assert f"✓ {motor}" in " ".join((await press(ana, motor)).labels)
    assert hour in (await press(ana, done)).text
    await ana.tap(
        "7\N{NARROW NO-BREAK SPACE}h\N{NARROW NO-BREAK SPACE}00" if language == "fr" else "07:00"
    )
    cities = (await ana.next()).body["reply_markup"]["inline_keyboard"]
    assert max(map(len, cities)) == 3, "more in a row, and a phone cuts Hong Kong off"
    assert [len(row) for row in cities[-2:]] == [1, 1], "Condividi la posizione needs a row"
    assert ready in (await press(ana, city)).text
    edition = await ana.next()
    assert greeting in edition.text
    assert "https://news.example/10" in edition.links

    subscriber = await bureau.subscriber(ana)
    assert subscriber.language == language
    assert subscriber.taste.follows == {"motor"}
    assert subscriber.digest_minute == 7 * 60
    assert subscriber.zone == "Europe/Rome"
    assert subscriber.place == max(bureau.desk.ids)
    # 07:00 in Milan, tomorrow.
    assert subscriber.next_at is not None
    assert subscriber.next_at.isoformat() == "2026-11-25T06:00:00+00:00"


async def test_every_step_can_be_left_to_its_default(bureau: Bureau) -> None:
    ana = bureau.town.person("Ana")
    await start(ana)
    assert "You follow Business, Motor and Style" in (await press(ana, "Choose for me")).text
    await press(ana, "Keep 08:00")
    assert "every day at 08:00, Milan time" in (await press(ana, "Keep Milan")).text
    assert "A new engine" in (await ana.next()).text


async def test_a_tap_on_a_followed_category_leaves_it(bureau: Bureau) -> None:
    ana = bureau.town.person("Ana")
    await start(ana)
    answer = await ana.tap("Motor")
    assert answer.text == "You now follow Motor."
    answer = await ana.tap("✓ Motor")
    assert answer.text == "You no longer follow Motor."
    assert not (await bureau.subscriber(ana)).taste.follows


async def test_a_newcomer_who_only_follows_gets_tomorrows_edition(bureau: Bureau) -> None:
    ana = bureau.town.person("Ana")
    await start(ana)
    assert (await bureau.subscriber(ana)).next_at is None
    await ana.tap("Motor")
    subscriber = await bureau.subscriber(ana)
    assert subscriber.next_at is not None
    assert subscriber.next_at.isoformat() == "2026-11-25T07:00:00+00:00"


async def test_hour_and_city_can_be_typed(bureau: Bureau) -> None:
    ana = bureau.town.person("Ana")
    await start(ana)
    await ana.tap("Motor")
    await ana.tap("Done")
    hour = await ana.until("What time")
    assert "as a time" in (await ask(ana, "half past")).text
    city = await ask(ana, "twenty-five to eight")
    assert "Every day at 07:35" in city.text
    answered = await ana.next()
    assert (answered.id, answered.labels) == (hour.id, [])
    assert "07:35, Milan time" in (await ask(ana, "Mailand")).text
    answered = await ana.next()
    assert (answered.id, answered.labels) == (city.id, [])
    await ana.until("A new engine")
    assert (await bureau.subscriber(ana)).digest_minute == 7 * 60 + 35


async def test_a_shared_location_ends_the_journey_in_its_zone(bureau: Bureau) -> None:
    ana = bureau.town.person("Ana")
    await start(ana)
    await ana.tap("Choose for me")
    await ana.tap("Keep 08:00")
    await ana.until("Which city?")
    assert (await press(ana, "Share my location")).reply_keyboard is not None
    await ana.share_location(35.68, 139.69)
    assert "Your time zone is Tokyo" in (await ana.next()).text
    assert "Tokyo time" in (await ana.next()).text
    assert (await bureau.subscriber(ana)).zone == "Asia/Tokyo"


async def test_an_ambiguous_city_is_asked_back_and_an_unknown_one_reported(bureau: Bureau) -> None:
    ana = bureau.town.person("Ana")
    await start(ana)
    await ana.tap("Choose for me")
    await ana.tap("Keep 08:00")
    await ana.until("Which city?")
    assert "I don’t know “Qqqqzzz”" in (await ask(ana, "Qqqqzzz")).text
    asked = await ask(ana, "Springfield")
    assert "“Springfield”" in asked.text
    assert asked.labels[:3] == [
        "Springfield, Missouri · Chicago time",
        "Springfield, Massachusetts · New York time",
        "Springfield, Illinois · Chicago time",
    ]
    await ana.tap("Springfield, Oregon · Los Angeles time", asked)
    await ana.until("Springfield time")
    known = await bureau.subscriber(ana)
    assert (known.zone, known.city) == ("America/Los_Angeles", "Springfield")
    await ana.send("/settings")
    await ana.until("Springfield")
    await ana.tap("Time zone")
    await ana.until("Springfield")
    await ana.send("san francisco")
    await ana.until("San Francisco")
    # The same button of the same message, within two seconds, would be the same tap.
    bureau.clock.pass_(minutes=1)
    await ana.tap("Time zone")
    await ana.until("San Francisco")
    await ana.tap("London")
    await ana.until("London")
    known = await bureau.subscriber(ana)
    assert (known.zone, known.city) == ("Europe/London", "")


async def test_two_quick_taps_on_cities_send_one_edition(bureau: Bureau) -> None:
    ana = bureau.town.person("Ana")
    await start(ana)
    await ana.tap("Motor")
    await ana.tap("Done")
    await ana.tap("08:00")
    cities = await ana.until("Which city?")
    await asyncio.gather(ana.tap("Milan", cities), ana.tap("Tokyo", cities))
    await bureau.heard()
    assert sum("\nON News · Tuesday 24" in message.text for message in ana.unread()) == 1
    midnight = bureau.clock.now.replace(hour=0, minute=0, second=0, microsecond=0)
    day = await Ledger(bureau.onnews.archive.database).day(midnight, midnight + timedelta(days=1))
    assert day.sent == 1


async def ends_the_journey(ana: Person, category: str) -> BotMessage:
    """Go from the picker to the first edition."""
    await ana.tap("More sections")
    await ana.until("Sections")
    await ana.tap(category)
    await ana.tap("Done")
    await ana.tap("08:00")
    await ana.until("Which city?")
    await ana.tap("Tokyo")
    await ana.until("All set")
    return await ana.next()


async def test_a_first_edition_without_news_shows_the_latest_and_says_so(
    bureau: Bureau,
) -> None:
    ana = bureau.town.person("Ana")
    await start(ana)
    edition = await ends_the_journey(ana, "Yachts")
    assert "Nothing new yet from what you follow. Here is some of the latest:" in edition.text
    # What nobody chose is three stories at most.
    assert len(edition.links) == 1 + 3
    assert "Gucci dreams of a garden" in edition.text


async def test_a_first_edition_with_little_news_is_topped_up_and_says_so(bureau: Bureau) -> None:
    ana = bureau.town.person("Ana", "it")
    await start(ana)
    await ana.tap("Orologi")
    await ana.tap("Fatto")
    await ana.tap("08:00")
    await ana.until("In quale città")
    await ana.tap("Tokyo")
    await ana.until("Tutto pronto")
    edition = await ana.next()
    lines = edition.text.split("\n")
    assert lines[0] == "Shanghai opens a mall for watches"
    assert lines[2].startswith("Buonasera. Una notizia: Orologi.")
    assert lines[4] == "OROLOGI"
    line = lines.index("Di ciò che segui per ora è tutto. Altre notizie:")
    assert lines[line + 2 : line + 4] == ["Stile", "2\u2002Gucci dreams of a garden"]
    assert len(edition.links) == 1 + 3


async def test_a_first_edition_leaves_out_the_story_that_a_friend_sent(bureau: Bureau) -> None:
    sent = bureau.desk.ids[-1]
    ana = bureau.town.person("Ana")
    await ana.start(f"a{base36(sent)}")
    landing = await ana.next()
    assert "Shanghai opens a mall" in landing.text
    await ana.tap("Set up my morning edition", landing)
    await ana.until("Welcome to ON News")
    edition = await ends_the_journey(ana, "Watches")
    assert "Shanghai opens a mall" not in edition.text
    assert "Here is some of the latest" in edition.text


async def test_only_the_first_edition_offers_to_change_the_layout(bureau: Bureau) -> None:
    ana = bureau.town.person("Ana")
    await start(ana)
    edition = await ends_the_journey(ana, "Motor")
    assert edition.labels[-1] == "Change layout"
    looks = await press(ana, "Change layout", edition)
    assert "How should your edition look?" in looks.text
    assert "✓ Headlines" in (await press(ana, "Headlines", looks)).labels
    assert (await bureau.subscriber(ana)).layout is Layout.HEADLINES
    await bureau.desk.print_("A motor show at the lake", "motor")
    bureau.clock.pass_(minutes=1)
    await ana.send("/digest")
    assert "Change layout" not in (await ana.until("A motor show")).labels


async def test_start_after_the_journey_welcomes_back(bureau: Bureau) -> None:
    ana = await bureau.reader()
    again = await start(ana)
    assert "Welcome back" in again.text
    assert "You follow Motor" in again.text


async def test_stop_ends_the_editions_and_start_brings_them_back(bureau: Bureau) -> None:
    ana = await bureau.reader()
    goodbye = (await ask(ana, "/stop")).text
    assert "Editions stopped" in goodbye
    assert "kept for 2 years" in goodbye
    stopped = await bureau.subscriber(ana)
    assert (stopped.state, stopped.next_at) == (State.STOPPED, None)
    await start(ana)
    back = await bureau.subscriber(ana)
    assert back.state is State.ACTIVE
    assert back.next_at is not None
    await ana.send("/stop")
    await ana.until("Editions stopped")
    assert "Your editions are back" in (await press(ana, "Resume")).text


async def test_a_reader_who_blocked_the_bot_finds_everything_on_return(bureau: Bureau) -> None:
    ana = await bureau.reader()
    ana.block()
    await bureau.heard()
    gone = await bureau.subscriber(ana)
    assert (gone.state, gone.next_at) == (State.GONE, None)
    ana.unblock()
    await bureau.heard()
    back = await bureau.subscriber(ana)
    assert back.state is State.ACTIVE
    assert back.taste.follows == {"motor"}
    assert back.next_at is not None
