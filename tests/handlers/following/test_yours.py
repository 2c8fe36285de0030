"""The page of a reader's choices, and the scale of each subject: off, less, normal, more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import delete

from storage.model import Level, NewSource, SourceState, Taste
from storage.tables.ledger_schema import deliveries
from tests.handlers.conftest import Desk, ask, press

if TYPE_CHECKING:
    from playground.people.people import BotMessage, Person
    from storage.model import Source
    from tests.handlers.conftest import Bureau

EN: dict[str, Any] = {
    "settings": "Settings",
    "yours": "Your choices",
    "further": "More…",
    "less of this": "Less of this",
    "fewer": "Gucci: fewer stories from now on.",
    "undo": "Undo",
    "steps": ["Off", "Less", "Normal", "More"],
    "back": "Back",
    "sources": "Sources",
    "why": "Why these",
    "one": "one story an edition",
    "follow": "Follow",
    "unfollow": "Unfollow",
    "alert": "Alert me",
    "no alert": "Stop alerts",
    "list": "Show more or less",
    "want less": "you set Gucci to “less”",
    "want more": "you set Gucci to “more”",
}
IT: dict[str, Any] = {
    "settings": "Impostazioni",
    "yours": "Le tue scelte",
    "further": "Altro…",
    "less of this": "Meno notizie così",
    "fewer": "Gucci: d’ora in poi meno notizie.",
    "undo": "Annulla",
    "steps": ["Niente", "Meno", "Normale", "Di più"],
    "back": "Indietro",
    "sources": "Fonti",
    "why": "Perché queste",
    "one": "una notizia per edizione",
    "follow": "Segui",
    "unfollow": "Non seguire più",
    "alert": "Avvisami",
    "no alert": "Togli gli avvisi",
    "list": "Vedi di più o di meno",
    "want less": "hai impostato Gucci su «meno»",
    "want more": "hai impostato Gucci su «di più»",
}


async def yours(ana: Person, words: dict[str, Any]) -> BotMessage:
    """Open the page from the settings."""
    await ana.send("/settings")
    await ana.tap(words["yours"], await ana.next())
    return await ana.next()


async def edition(bureau: Bureau, ana: Person) -> BotMessage:
    """Return an edition that begins where this morning's did, as if none had been sent since."""
    subscriber = await bureau.subscriber(ana)
    await bureau.onnews.archive.subscribers.change(subscriber.id, place=12)
    async with bureau.onnews.archive.database.writing() as connection:
        await connection.execute(
            delete(deliveries).where(deliveries.c.subscriber_id == subscriber.id)
        )
    bureau.clock.pass_(minutes=1)
    found = await ask(ana, "/digest")
    await bureau.heard()
    return found


def marked(scale: BotMessage) -> list[str]:
    return [label for label in scale.labels if label.startswith("✓")]


@pytest.mark.parametrize(("language", "words"), [("en", EN), ("it", IT)])
async def test_less_and_more_of_a_house_from_its_card_and_back(
    bureau: Bureau, language: str, words: dict[str, Any]
) -> None:
    off, less, normal, more = words["steps"]
    ana = await bureau.reader(language=language, follows=("motor", "gucci"))
    subscribers = bureau.onnews.archive.subscribers
    reader = (await bureau.subscriber(ana)).id
    before = await subscribers.follow(reader, "gucci", alerts=True)
    for number in (1, 2):
        await bureau.desk.print_(f"Gucci opens, day {number}", "gucci", "style", hours_ago=number)
    for number in (1, 2):
        await bureau.desk.print_(f"A rally, day {number}", "motor", hours_ago=10 + number)
    assert "Gucci opens" in (await edition(bureau, ana)).text

    # From its card, at once; it can be undone, or be another subject of the story instead.
    await ana.tap("1", await ask(ana, "/latest gucci"))
    card = await press(ana, words["further"], await ana.next())
    done = await press(ana, words["less of this"], card)
    style = "Style" if language == "en" else "Stile"
    assert words["fewer"] in done.text
    assert done.labels == [words["undo"], style, "The Luxury Courier"]
    assert (await bureau.subscriber(ana)).taste.less == {"gucci"}
    instead = await press(ana, style, done)
    assert (instead.edited, instead.labels[1]) == (True, "Gucci")
    assert (await bureau.subscriber(ana)).taste.less == {"style"}
    undone = await press(ana, words["undo"], instead)
    assert (undone.edited, undone.labels) == (True, [])
    assert (await bureau.subscriber(ana)).taste == before.taste
    bureau.clock.pass_(minutes=1)
    await press(ana, words["less of this"], card)

    # One of it at most, behind the rest; and the edition says so.
    found = await edition(bureau, ana)
    assert found.text.count("Gucci opens") == 1
    assert found.text.index("A rally, day 2") < found.text.index("Gucci opens, day 1")
    why = await press(ana, words["why"], found)
    assert words["want less"] in why.text
    assert why.labels == ["1", "2", "3"]

    # More, from there.
    about = await press(ana, "3", why)
    assert not about.edited
    await ana.tap("↓ Gucci", about)
    await press(ana, more, await ana.next())
    found = await edition(bureau, ana)
    assert found.text.index("Gucci opens, day 2") < found.text.index("A rally, day 1")
    assert words["want more"] in (await press(ana, words["why"], found)).text

    # Off, on the page of all that is chosen; then back to what it was.
    page = await yours(ana, words)
    assert page.labels[:2] == ["↑ Gucci", f"✓ {'Motor' if language == 'en' else 'Motori'}"]
    await ana.tap("↑ Gucci", page)
    scale = await press(ana, off, await ana.next())
    assert scale.labels == [f"✓ {off}", less, normal, more, words["back"]]
    assert (await bureau.subscriber(ana)).taste.follows == {"motor"}
    assert await subscribers.alerts(reader) == frozenset()
    assert "Gucci" not in (await ask(ana, "/latest 20")).text
    assert "Gucci" not in (await edition(bureau, ana)).text
    scale = await press(ana, normal, scale)
    assert scale.labels[4:6] == [words["unfollow"], words["no alert"]]
    assert (await bureau.subscriber(ana)).taste == before.taste
    assert await subscribers.alerts(reader) == {"gucci"}


async def test_a_hidden_source_disappears_until_it_is_restored(bureau: Bureau) -> None:
    ana = await bureau.reader(follows=("motor",))
    reader = (await bureau.subscriber(ana)).id
    archive = bureau.onnews.archive
    await archive.subscribers.follow(reader, "motor", alerts=True)
    other = await archive.sources.add(
        NewSource(name="Another Gazette", url="https://gazette.example/feed"), bureau.clock.now
    )
    await archive.sources.set_state(other.id, SourceState.PAUSED, bureau.clock.now)
    gazette = Desk(archive.articles, archive.sources, bureau.clock, other.id)

    page = await yours(ana, EN)
    sources = await press(ana, "Sources", page)
    assert sources.labels == ["Another Gazette", "The Luxury Courier", "Back"]
    scale = await press(ana, "Another Gazette", sources)
    assert "you get it from there" in scale.text
    hidden = await press(ana, "Off", scale)
    assert marked(hidden) == ["✓ Off"]
    await gazette.print_("A gazette’s race", "motor", link="https://gazette.example/1")
    await bureau.desk.print_("A courier’s race", "motor")
    found = await edition(bureau, ana)
    assert "A courier’s race" in found.text
    assert "gazette" not in found.text
    assert "gazette" not in (await ask(ana, "/latest")).text
    assert "✕ Another Gazette" in (await press(ana, "Back", hidden)).labels
    page = await yours(ana, EN)
    await press(ana, "Normal", await press(ana, "✕ Another Gazette", page))
    assert "gazette’s race" in (await edition(bureau, ana)).text


async def test_words_are_muted_by_typing_and_taken_back_by_a_tap(bureau: Bureau) -> None:
    ana = await bureau.reader()
    page = await yours(ana, EN)
    await press(ana, "Mute a word", page)
    # Of the signs of "A+" nothing would be kept but "a", which is in nearly every article.
    for refused, wanted in (
        ("…", "at least 2 letters or digits"),
        ("A+", "at least 2 letters or digits"),
        ("C++", "at least 2 letters or digits"),
        ("a word " * 30, "at most 40 characters"),
    ):
        assert wanted in (await ask(ana, refused)).text, refused
        assert not (await bureau.subscriber(ana)).taste.muted_words
    page = await ask(ana, "Engine: <number>")
    assert page.labels[:2] == ["✓ Motor", "✕ “engine number”"]
    assert len((await bureau.subscriber(ana)).taste.muted_words) == 1
    answer = await ana.tap("✕ “engine number”", page)
    assert answer.text == "“engine number” is back to normal."
    assert (await ana.next()).labels[:2] == ["✓ Motor", "Follow a keyword"]
    assert not (await bureau.subscriber(ana)).taste.muted_words
    # Likewise in the picker, which it leaves as it is.
    subscribers = bureau.onnews.archive.subscribers
    await subscribers.mute_word((await bureau.subscriber(ana)).id, "engine")
    own = await press(ana, "✓ Your choices", await ask(ana, "/category"))
    left = await press(ana, "✕ “engine”", own)
    assert left.edited
    assert "Sections" in left.labels
    assert "✕ “engine”" not in left.labels
    # A followed word, opened from there, leads back there too, and so does its end.
    await bureau.onnews.application.bot_data.readers.follow_word(
        await bureau.subscriber(ana), "silk"
    )
    own = await press(ana, "· Your choices", left)
    for leads_back in ("Your choices", "Mute"):
        word = await press(ana, "✓ “silk”", own)
        assert word.labels == ["Alert me", "Unfollow", "Mute", "Your choices"]
        own = await press(ana, leads_back, word)
        assert "Sections" in own.labels
    assert "✕ “silk”" in own.labels


async def test_a_page_of_all_that_is_chosen_reads_the_sources_once(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = await bureau.reader()
    subscriber = await bureau.subscriber(ana)
    readers = bureau.onnews.application.bot_data.readers
    await readers.set_level(subscriber, bureau.desk.source_id, Level.LESS)
    sources = bureau.onnews.archive.sources
    every, asked = sources.all, []

    async def all_sources() -> list[Source]:
        asked.append(1)
        return await every()

    monkeypatch.setattr(sources, "all", all_sources)
    page = await yours(ana, EN)
    assert "↓ The Luxury Courier" in page.labels
    assert len(asked) == 1
    await ana.tap("✓ Your choices", await ask(ana, "/category"))
    assert "↓ The Luxury Courier" in (await ana.next()).labels
    assert len(asked) == 2


async def test_a_first_more_announces_the_first_edition(bureau: Bureau) -> None:
    ana = bureau.town.person("Ana")
    await ana.tap("More", await press(ana, "Show more or less", await ask(ana, "/category gucci")))
    scale = await ana.next()
    assert marked(scale) == ["✓ More"]
    assert "at 08:00, Milan time" in (await ana.next()).text
    assert (await bureau.subscriber(ana)).next_at is not None
    assert marked(await press(ana, "Unfollow", scale)) == ["✓ Normal"]
    assert (await bureau.subscriber(ana)).taste == Taste(languages=frozenset({"en"}))


async def test_a_long_list_turns_pages_and_a_scale_leads_back_to_its_page(bureau: Bureau) -> None:
    houses = [each.slug for each in bureau.onnews.archive.taxonomy.categories.values()][:40]
    ana = await bureau.reader(follows=tuple(houses))
    reader = await bureau.subscriber(ana)
    for slug in houses[:20]:
        await bureau.onnews.archive.subscribers.set_level(reader.id, slug, Level.OFF)
    page = await yours(ana, EN)
    labels = [label for label in page.labels if label[0] in "✓✕"]
    assert len(labels) == 16
    page = await press(ana, "Next", page)
    last = await press(ana, "Next", page)
    last_label = [label for label in last.labels if label[0] in "✓✕"][-1]
    scale = await press(ana, "Normal", await press(ana, last_label, last))
    back = await press(ana, "Back", scale)
    assert "Previous" in back.labels
    assert len([label for label in back.labels if label[0] in "✓✕"]) == 8


async def test_taps_on_vanished_choices_change_nothing(bureau: Bureau) -> None:
    ana = await bureau.reader()
    page = await yours(ana, EN)
    before = await bureau.subscriber(ana)
    for data in ("ys:c:no-house:y:0", "yl:s:zz:y:0:off", "yl:s:-:y:0:off", "yl:c:motor:y:0:most"):
        forged = await ana.tap(data, page)
        assert "no longer works" in forged.text, data
    assert await bureau.subscriber(ana) == before
