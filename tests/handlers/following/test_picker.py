"""The picker over HTTP: tabs, letters and typed names, inside and outside the journey. Every
category can be typed by its displayed name, in each language, with typing errors.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from handlers.taps.callback_data import PickLetter, PickPage, Tab
from news.filing import taxonomy
from news.filing.tokenising.folding import has_cjk, key
from news.text.letters import without_accents
from storage.model import Kind, Level
from templates import Renderer
from templates.language.languages import languages
from tests.handlers.conftest import ask, press, start

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.handlers.conftest import Bureau


async def test_a_newcomer_finds_a_house_by_the_week_by_its_letter_and_among_ones_own(
    bureau: Bureau,
) -> None:
    ana = bureau.town.person("Ana")
    first = await start(ana)
    assert first.labels == [
        *("Choose for me", "Motor · 10", "Style · 1", "Watches · 1"),
        *("More sections", "Markets", "Houses", "Done"),
    ]
    sections = await press(ana, "More sections")
    assert sections.labels[:5] == [
        "Your choices",
        "· Sections ·",
        "Markets",
        "Houses",
        "Motor · 10",
    ]
    assert (await press(ana, "Markets")).labels[4] == "China · 1"
    houses = await press(ana, "Houses")
    assert "Type a name to find any of" in houses.text
    assert houses.labels[4:6] == ["Bentley · 1", "Gucci · 1"]
    assert [each.text for each in houses.buttons[-3]] == ["A–C", "D–G", "H–M", "N–R", "S–Z"]
    assert houses.labels[-2:] == ["Groups", "Choose for me"]
    assert (await ana.tap("Gucci")).text == "You now follow Gucci."
    followed = await ana.next()
    assert "✓ Gucci · 1" in followed.labels
    assert followed.labels[0] == "✓ Your choices 1"
    assert followed.labels[-1] == "Done"
    assert [len(row) for row in followed.buttons] == [len(row) for row in houses.buttons]

    of_h = await press(ana, "H–M")
    assert "Houses, H" in of_h.text
    assert "Hermès" in of_h.labels
    assert "· H ·" in of_h.labels
    assert "✓ Hermès" in (await press(ana, "Hermès")).labels
    further = await press(ana, "H · 2/2")
    assert [label for label in further.labels if "/" in label] == ["H · 1/2"]
    assert all(label[0] in "H✓·" for label in further.labels[4:-8])

    own = await press(ana, "Your choices")
    assert own.labels == [
        *("· Your choices 2 ·", "Sections", "Markets", "Houses"),
        *("✓ Gucci · 1", "✓ Hermès", "Done"),
    ]
    left = await press(ana, "✓ Gucci · 1")
    assert left.labels[0] == "· Your choices 1 ·"
    assert "Gucci · 1" in left.labels, "what was unfollowed stays, so that a tap brings it back"
    assert (await bureau.subscriber(ana)).taste.follows == {"hermes"}


async def test_a_name_typed_in_the_journey_is_chosen_by_a_tap_and_the_journey_goes_on(
    bureau: Bureau,
) -> None:
    ana = bureau.town.person("Ana", "it")
    await ana.start()
    await ana.until("Ecco ON News")
    offered = await ask(ana, "guci", until="Intendevi")
    assert offered.labels[0] == "Gucci · 1"
    await ana.tap("Gucci · 1", offered)
    while (chosen := await ana.next()).labels[:1] != ["✓ Gucci · 1"]:
        assert chosen.labels == [], "of two pickers only the newer one has buttons"
    assert chosen.labels[-1] == "Fatto"
    watches = await ask(ana, "orologi", until="Eccolo")
    assert watches.labels[0] == "Orologi · 1"
    await press(ana, "Orologi", watches, until="Eccolo")
    await ana.send("Qualcosa di mai sentito")
    unknown = await ana.until("Non conosco «Qualcosa di mai sentito»")
    assert "Sezioni" in unknown.labels
    await press(ana, "Sezioni", unknown, until="Sezioni")
    assert "Segui Gucci e Orologi" in (await press(ana, "Fatto", until="A che ora")).text
    assert (await bureau.subscriber(ana)).taste.follows == {"gucci", "watches"}


async def test_a_name_may_be_typed_as_soon_as_the_picker_is_seen(bureau: Bureau) -> None:
    ana = await bureau.reader()
    # The reader sees a message before the bot gets Telegram's answer.
    hearing = bureau.town.faults.add(method="sendMessage", hold=True, after_delivery=True)
    await ask(ana, "/category", until="Sections")
    await ana.send("Gucci")
    bystander = bureau.town.person("A bystander")
    await ask(bystander, "/help")
    hearing.release()
    assert (await ana.until("Here it is")).labels[0] == "Gucci · 1"


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("mute gucci", "Gucci: no more stories."),
        ("no more gucci please", "Gucci: no more stories."),
        ("more gucci", "Gucci: more stories from now on."),
        ("unfollow gucci", "You no longer follow Gucci."),
        ("follow “night train”", "You now follow “night train”."),
        ("news about gucci", "Gucci\n"),
    ],
)
async def test_a_request_typed_while_the_picker_is_open_is_carried_out(
    bureau: Bureau, typed: str, answer: str
) -> None:
    ana = await bureau.reader()
    await ask(ana, "/category", until="Sections")
    assert (await ask(ana, typed)).text.startswith(answer)
    assert (await ask(ana, "gucci", until="Here it is")).labels[0].endswith("Gucci · 1")


async def test_a_request_typed_in_the_journey_is_carried_out_and_the_question_asked_again(
    bureau: Bureau,
) -> None:
    ana = bureau.town.person("Ana")
    await start(ana)
    assert (await ask(ana, "no more gucci please")).text == "Gucci: no more stories."
    assert "Style" in " ".join((await ana.next()).labels)
    assert (await ask(ana, "follow gucci")).text.startswith("Here it is.")


async def test_unknown_words_outside_the_journey_are_searched_for(bureau: Bureau) -> None:
    ana = await bureau.reader()
    await ask(ana, "/category", until="Sections")
    assert (await ask(ana, "Gucci", until="Here it is")).labels[0] == "Gucci · 1"
    await ana.send("wings of Mulliner cars")
    assert "Search the news" in (await ana.until("not sure what you mean")).labels


async def test_the_pickers_yours_tab_is_the_settings_page_and_a_scale_returns_to_it(
    bureau: Bureau,
) -> None:
    ana = await bureau.reader(follows=("motor", "china"))
    subscribers = bureau.onnews.archive.subscribers
    known = await bureau.subscriber(ana)
    await subscribers.set_level(known.id, "gucci", Level.OFF)
    await subscribers.mute_word(known.id, "horoscope")
    await ask(ana, "/settings", until="Settings")
    page = await press(ana, "Your choices", until="Tap a name to get more of its stories")
    await ask(ana, "/category", until="Sections")
    own = await press(ana, "Your choices", until="Tap a name to get more of its stories")
    assert own.text == page.text
    assert own.labels[:4] == ["· Your choices 2 ·", "Sections", "Markets", "Houses"]
    assert own.labels[4:-1] == page.labels[:-1]
    assert own.labels[4:-4] == ["✓ China", "✓ Motor", "✕ Gucci", "✕ “horoscope”"]
    await press(ana, "✕ Gucci", own, until="Gucci")
    await press(ana, "Normal", until="Gucci")
    back = await press(ana, "Back", until="Tap a name to get more of its stories")
    assert back.labels[:6] == [*own.labels[:4], "✓ China", "✓ Motor"]


async def test_a_newcomer_can_undo_off_among_their_choices(bureau: Bureau) -> None:
    ana = bureau.town.person("Ana")
    await start(ana)
    known = await bureau.subscriber(ana)
    await bureau.onnews.archive.subscribers.set_level(known.id, "gucci", Level.OFF)
    await press(ana, "More sections", until="Sections")
    own = await press(ana, "Your choices", until="Nothing yet")
    assert own.labels[4:] == ["✕ Gucci · 1", "Choose for me"]
    assert "✓ Gucci · 1" in (await press(ana, "✕ Gucci · 1")).labels


@pytest.mark.parametrize(
    "data",
    [
        PickPage(Tab.GROUPS, 99, journey=False).pack(),
        PickLetter("H", 99, journey=False).pack(),
        PickLetter("", 0, journey=True).pack(),
        "g:nowhere:0:1",
    ],
)
async def test_a_tap_for_a_missing_picker_page_changes_nothing(bureau: Bureau, data: str) -> None:
    ana = await bureau.reader()
    sections = await ask(ana, "/category", until="Sections")
    assert "no longer works" in (await ana.tap(data, sections)).text


async def test_a_follow_outside_the_journey_says_when_the_next_edition_comes(
    bureau: Bureau,
) -> None:
    ana = bureau.town.person("Ana")
    await ask(ana, "/category gucci")
    answer = await ana.tap("Follow")
    assert answer.text == "You now follow Gucci. Your first edition: tomorrow at 08:00, Milan time."
    first = await ana.until("Your first edition arrives tomorrow at 08:00, Milan time.")
    assert first.labels == ["Change the time", "Change the city", "Choose categories"]

    bea = await bureau.reader("Bea", "it")
    await ask(bea, "/category gucci", until="Gucci")
    answer = await bea.tap("Segui")
    assert (
        answer.text
        == "Ora segui Gucci. La tua prossima edizione: domani alle 08:00, ora di Milano."
    )
    bureau.clock.now -= timedelta(hours=3)
    await ask(bea, "/category", until="Sezioni")
    subscriber = await bureau.subscriber(bea)
    until = bureau.clock.now + timedelta(days=5)
    await bureau.onnews.archive.subscribers.change(subscriber.id, paused_until=until)
    paused = await bea.tap("Stile")
    assert paused.text.startswith(
        "Ora segui Stile. Le tue edizioni sono in pausa fino a domenica 29"
    )


async def test_start_while_paused_says_so_and_offers_to_resume(bureau: Bureau) -> None:
    ana = await bureau.reader()
    await ask(ana, "/settings", until="Settings")
    await ana.tap("Pause")
    await press(ana, "3 days", until="Paused until")
    await ana.start()
    back = await ana.until("Welcome back")
    assert "Your editions are paused until Friday 27 November." in back.text
    assert "next edition" not in back.text
    assert back.labels[0] == "Resume"
    assert "Your editions are back" in (await press(ana, "Resume", back)).text
    again = await bureau.subscriber(ana)
    assert again.paused_until is None
    assert again.next_at is not None
    assert again.next_at.isoformat() == "2026-11-25T07:00:00+00:00"


LANGUAGES = languages()
KNOWN = taxonomy.load()
LEAST = 4
"""The fewest letters of a word in which a typing error is forgiven.

An error in a shorter word makes another word.
"""


def spellings(name: str) -> set[str]:
    """Yield the ways in which people type a name."""
    bare = without_accents(name)
    return {name, name.upper(), name.lower(), bare, name.replace("-", " "), bare.replace(" ", "-")}


def slips(name: str) -> Iterator[str]:
    """Yield the name with its second, middle or last letter missing, doubled or swapped."""
    if has_cjk(name):
        yield from (name[:n] + name[n + 1 :] for n in range(1, len(name)) if len(name) > LEAST)
        return
    for n in {1, len(name) // 2, len(name) - 1}:
        yield name[:n] + name[n + 1 :]
        yield name[:n] + name[n] + name[n:]
        yield name[:n] + name[n + 1 : n + 2] + name[n] + name[n + 2 :]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_category_is_found_by_the_name_that_its_reader_sees(language: str) -> None:
    renderer = Renderer(KNOWN.categories, username="OnNewsBot")
    lost = []
    for slug, category in KNOWN.categories.items():
        shown = renderer.category(slug, language)
        for typed in spellings(shown):
            found = KNOWN.find(typed)
            # A house and its group may have one name: the house is meant.
            if found is None or slug not in {found.slug, found.group}:
                lost.append((slug, category.kind.value, typed, found and found.slug))
    assert lost == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_misspelt_section_or_market_is_recognised(language: str) -> None:
    renderer = Renderer(KNOWN.categories, username="OnNewsBot")
    lost = []
    for kind in (Kind.SECTION, Kind.MARKET):
        for category in KNOWN.by_kind(kind):
            for typed in slips(renderer.category(category.slug, language)):
                named = KNOWN.find(typed)
                offered = [named] if named is not None else KNOWN.suggest(typed)
                if len(typed) >= LEAST and category not in offered:
                    lost.append((category.slug, typed))
    assert lost == []


def test_a_misspelt_house_is_recognised() -> None:
    lost = []
    for number, house in enumerate(KNOWN.by_kind(Kind.HOUSE)):
        every = list(slips(house.name))
        typed = every[number % len(every)]
        # A letter less makes another house of some: citizenM and Citizen.
        if len(key(typed)) < LEAST or KNOWN.find(typed) is not None:
            continue
        if house not in KNOWN.suggest(typed):
            lost.append((house.slug, typed))
    assert lost == []


@pytest.mark.parametrize(
    ("typed", "slug"),
    [
        *(("yate", "yachts"), ("yates", "yachts"), ("barche", "yachts"), ("bateaux", "yachts")),
        *(("reloj", "watches"), ("orologio", "watches"), ("montre", "watches")),
        *(("数字奢侈品", "eluxury"), ("线上奢侈品", "eluxury"), ("lusso digitale", "eluxury")),
        *(("学习", "learning"), ("教育", "learning"), ("cours", "learning"), ("corsi", "learning")),
        *(("古驰", "gucci"), ("爱马仕", "hermes"), ("hermes", "hermes"), ("开云", "kering")),
        *(("etats unis", "united-states"), ("oriente próximo", "middle-east"), ("名表", "watches")),
    ],
)  # fmt: skip
def test_other_everyday_words_for_a_category_find_it(typed: str, slug: str) -> None:
    found = KNOWN.find(typed)
    assert found is not None
    assert found.slug == slug
