"""Lists show a story once, with its other sources, grouped by the reader's days. Lists show an
event once; all its reports are two taps away. What a reader muted and then asks for: it is
shown, with a line that says it is muted.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from storage.model import Level, NewSource, SourceState
from tests.handlers.conftest import ask, press

if TYPE_CHECKING:
    from playground.people.seen import Message
    from tests.handlers.conftest import Bureau


@dataclass
class Copies:
    """A bureau whose archive has two or three reports of each of three stories."""

    bureau: Bureau
    first: list[int]
    """The first article of each story."""


@pytest.fixture
async def copies(bureau: Bureau) -> Copies:
    """Store three stories in the Courier, then in one or two weightier sources."""
    desk, sources = bureau.desk, bureau.onnews.archive.sources
    others = []
    for name, weight in (("The Carriage", 80), ("The Weekly Wheel", 60)):
        new = NewSource(name, f"https://{weight}.example/feed", weight=weight)
        others.append((await sources.add(new, bureau.clock.now)).id)
        await sources.set_state(others[-1], SourceState.PAUSED, bureau.clock.now)
    first = []
    for number in range(3):
        title = f"Mulliner builds boat {number}"
        story = await desk.print_(title, "bentley", "yachts", hours_ago=0.9 - number / 10)
        first.append(story)
        for source in others[: number or None]:
            await desk.print_(
                title, "bentley", "yachts", hours_ago=0.1, source_id=source, story=story
            )
    return Copies(bureau, first)


def boats(message: Message) -> list[str]:
    """Return the fixture's stories that a list shows, in its order."""
    return re.findall(r"boat \d", message.text)


async def test_every_list_shows_a_story_once_and_says_who_else_has_it(copies: Copies) -> None:
    ana = await copies.bureau.reader(follows=("motor", "bentley"))
    for command in ("/latest", "/category bentley", "/search mulliner boat"):
        shown = await ask(ana, command)
        assert boats(shown)[:3] == ["boat 2", "boat 1", "boat 0"], command
        assert len(boats(shown)) == 3, command
        assert "also in The Weekly Wheel and one other" in shown.text, command
        assert len(re.findall(r", also in (?!.*also in)", shown.text)) == 3, command
    await ana.tap("What I follow", await ask(ana, "/latest"))
    assert boats(await ana.next()) == ["boat 2", "boat 1", "boat 0"]
    stranger = copies.bureau.town.person("Stranger")
    for query in ("", "bentley", "mulliner boat"):
        found = [one.title for one in await stranger.inline(query)]
        assert sum("boat" in title for title in found) == 3, query
        assert len(set(found)) == len(found), query


async def test_pages_of_copies_turn_without_a_gap_or_a_repetition(copies: Copies) -> None:
    ana = await copies.bureau.reader()
    page, links, numbers = await ask(ana, "/latest 2"), [], []
    while True:
        links += page.links
        numbers += [label for label in page.labels if label.isdecimal()]
        if "Older" not in page.labels:
            break
        page = await press(ana, "Older", page)
    assert len(links) == len(set(links)) == 15
    assert numbers == [str(number) for number in range(1, 16)]


async def test_more_like_this_leaves_out_copies_of_the_story(copies: Copies) -> None:
    ana = await copies.bureau.reader(follows=("motor",))
    card = await press(ana, "2", await ask(ana, "/category bentley"))
    assert "boat 1" in card.text
    alike = await press(ana, "More like this", await press(ana, "More…", card))
    assert alike.text.startswith("More like this: Bentley\n")
    assert boats(alike) == ["boat 2", "boat 0"]


async def test_lists_have_one_heading_a_day_and_readable_times(copies: Copies) -> None:
    for language, days, minutes in (
        ("en", ["Today", "Yesterday"], "42 min ago"),
        ("it", ["Oggi", "Ieri"], "42 min fa"),
    ):
        reader = await copies.bureau.reader(language, language)
        lines = (await ask(reader, "/latest 20")).text.splitlines()
        assert [line for line in lines if line in days] == days
        assert any(minutes in line for line in lines)


async def test_a_copy_replaces_a_first_report_that_is_muted(copies: Copies) -> None:
    ana = await copies.bureau.reader()
    await ana.tap("Off", await press(ana, "Show more or less", await ask(ana, "/category china")))
    await ana.next()
    # The first report is muted; its copy in another category replaces it.
    first = await copies.bureau.desk.print_("A yard on the Yangtze", "china", "yachts")
    await copies.bureau.desk.print_("A yard on the Yangtze", "yachts", story=first)
    shown = await ask(ana, "/latest 20")
    assert shown.text.count("A yard on the Yangtze") == 1
    assert f"https://news.example/{len(copies.bureau.desk.ids)}" in shown.links


async def test_an_event_is_listed_by_a_free_report_in_the_readers_language(bureau: Bureau) -> None:
    desk, sources, now = bureau.desk, bureau.onnews.archive.sources, bureau.clock.now
    numbers = {}
    for name, weight, paywall in (
        ("The Locked", 90, True),
        ("The Leader", 80, False),
        ("Il Foglio", 40, False),
        ("The Last", 20, False),
    ):
        new = NewSource(name, f"https://w{weight}.example/feed", weight=weight, paywall=paywall)
        numbers[name] = (await sources.add(new, now)).id
        await sources.set_state(numbers[name], SourceState.PAUSED, now)
    first = await desk.print_("The Locked sale", "bentley", source_id=numbers["The Locked"])
    for number, (name, language) in enumerate(
        (("The Leader", "en"), ("Il Foglio", "it"), ("The Last", "en"))
    ):
        await desk.print_(
            f"{name} sale",
            "bentley",
            hours_ago=0.3 - number / 10,
            source_id=numbers[name],
            event=first,
            language=language,
        )
    english = await bureau.reader("en", "en")
    italian = await bureau.reader("it", "it")
    for reader, best in ((english, "The Leader"), (italian, "Il Foglio")):
        for command in ("/latest", "/category bentley"):
            shown = await ask(reader, command)
            assert re.findall(r"(The \w+|Il Foglio) sale", shown.text) == [best], command
        assert f"{best} sale" in (await press(reader, "1", shown)).text
        found = [one.title for one in await reader.inline("bentley")]
        assert [title for title in found if "sale" in title] == [f"{best} sale"]


async def test_an_event_of_several_days_is_listed_by_its_latest_report(bureau: Bureau) -> None:
    desk, sources, now = bureau.desk, bureau.onnews.archive.sources, bureau.clock.now
    weighty = await sources.add(NewSource("Weighty", "https://w.example/feed", weight=90), now)
    await sources.set_state(weighty.id, SourceState.PAUSED, now)
    first = await desk.print_("Mulliner in talks on a yard", "bentley", source_id=weighty.id)
    for title, hours, source in (
        ("Mulliner nears a yard", 23.0, weighty.id),
        ("Mulliner buys its yard at last", 0.5, None),
    ):
        bureau.clock.pass_(days=4)
        await desk.print_(title, "bentley", hours_ago=hours, source_id=source, event=first)
        bureau.clock.now = bureau.clock.now.replace(hour=9)
    ana = await bureau.reader()
    for command in ("/latest", "/category bentley"):
        shown = await ask(ana, command)
        assert re.findall(r"Mulliner .* yard.*", shown.text) == [
            "Mulliner buys its yard at last"
        ], command
        assert "also in Weighty" in shown.text, command
    titles = [one.title for one in await ana.inline("bentley")]
    assert [title for title in titles if "yard" in title] == ["Mulliner buys its yard at last"]
    # Within a day, the better report is shown.
    await desk.print_(
        "Mulliner signs for a yard", "bentley", hours_ago=20, source_id=weighty.id, event=first
    )
    shown = await ask(ana, "/latest")
    assert "Mulliner signs for a yard" in shown.text
    await ana.tap("All 4 reports", await press(ana, "More…", await press(ana, "1", shown)))
    assert "Mulliner in talks on a yard" in (await ana.next()).text


async def test_a_hidden_source_is_neither_named_nor_counted(copies: Copies) -> None:
    ana = await copies.bureau.reader(follows=("bentley",))
    sources = {one.name: one.id for one in await copies.bureau.onnews.archive.sources.all()}
    reader = await copies.bureau.subscriber(ana)
    subscribers = copies.bureau.onnews.archive.subscribers
    await subscribers.set_level(reader.id, sources["The Weekly Wheel"], Level.OFF)
    for command in ("/latest", "/category bentley"):
        shown = await ask(ana, command)
        assert "boat 2" in shown.text, command
        assert "Weekly Wheel" not in shown.text, command
    card = await press(ana, "1", shown)
    assert "Weekly Wheel" not in card.text
    card = await press(ana, "More…", card)
    assert "Both reports" in card.labels
    assert "Weekly Wheel" not in (await press(ana, "Both reports", card)).text


async def test_a_category_asked_for_by_name_still_leaves_out_muted_news(bureau: Bureau) -> None:
    desk, sources, now = bureau.desk, bureau.onnews.archive.sources, bureau.clock.now
    hidden = await sources.add(NewSource("Hidden", "https://h.example/feed"), now)
    await sources.set_state(hidden.id, SourceState.PAUSED, now)
    ana = await bureau.reader(follows=())
    reader, subscribers = (await bureau.subscriber(ana)).id, bureau.onnews.archive.subscribers
    for subject in ("bentley", "porsche", hidden.id):
        await subscribers.set_level(reader, subject, Level.OFF)
    await subscribers.mute_word(reader, "recall")
    await desk.print_("A Bentley of a hidden source", "bentley", source_id=hidden.id)
    await desk.print_("A Bentley recall", "bentley")
    await desk.print_("A Bentley on the track", "bentley", "porsche")
    await desk.print_("A Bentley for a town", "bentley")
    found = [(await ask(ana, each)).text for each in ("/category bentley", "/latest 5 bentley")]
    found.append("\n".join(one.title for one in await ana.inline("bentley")))
    for text in found:
        assert re.findall(r"A Bentley .*", text) == ["A Bentley for a town"]
        # The category's own mute does not count where it is asked for.
        assert "Bentley adds a wing to Mulliner" in text
    everything = "\n".join(one.title for one in await ana.inline(""))
    assert "Bentley" not in everything
    assert "Gucci dreams of a garden" in everything


async def test_a_list_too_long_for_sources_still_marks_what_is_behind_a_paywall(
    bureau: Bureau,
) -> None:
    sources, now = bureau.onnews.archive.sources, bureau.clock.now
    locked = []
    for name in ("Locked & <Co>", "Closed"):
        new = NewSource(name, f"https://{len(name)}.example/feed", paywall=True)
        locked.append((await sources.add(new, now)).id)
        await sources.set_state(locked[-1], SourceState.PAUSED, now)
    await bureau.desk.print_("Bentley alone", "bentley", source_id=locked[0])
    first = await bureau.desk.print_("Bentley twice", "bentley", source_id=locked[0])
    await bureau.desk.print_("Bentley told twice", "bentley", source_id=locked[1], event=first)
    await bureau.desk.print_("Bentley for all", "bentley", hours_ago=2)
    for language, alone, twice, source in (
        ("en", "paywall · 09:30", "paywall, 2 sources · 09:30", "Locked & <Co> (paywall)"),
        (
            "it",
            "inglese, a pagamento · 09:30",
            "inglese, a pagamento, 2 fonti · 09:30",
            "Locked & <Co> (inglese, a pagamento)",
        ),
    ):
        ana = await bureau.reader(language, language)
        lines = (await ask(ana, "/latest 20 bentley")).text.splitlines()
        after = {line[2:]: then for line, then in pairwise(lines)}
        assert after["Bentley alone"] == alone
        assert after["Bentley twice"] == twice
        assert after["Bentley for all"].endswith("08:30")
        assert source in (await ask(ana, "/latest 5 bentley")).text


async def test_every_way_to_a_story_shows_the_report_that_can_be_read_and_seen(
    bureau: Bureau,
) -> None:
    desk = bureau.desk
    ana = await bureau.reader(follows=("motor",))
    courier, wheel = await desk.source("The Courier of Milan"), await desk.source("The Wheel")
    first = await desk.print_(
        "Prada buys Versace, with its text",
        "motor",
        body="A long text. " * 60,
        image="https://news.example/prada.jpg",
        hours_ago=2,
        source_id=courier,
    )
    await desk.print_(
        "Prada buys Versace, bare", "motor", hours_ago=0.2, source_id=wheel, story=first
    )
    for command in ("/search prada", "/latest", "/category motor", "/digest"):
        shown = await ask(ana, command)
        assert "Prada buys Versace, with its text" in shown.text, command
        assert "bare" not in shown.text, command
    found = [one.title for one in await ana.inline("prada versace")]
    assert found == ["Prada buys Versace, with its text"]
    await ana.send("/search prada bare")
    assert "Prada buys Versace, bare" in (await ana.next()).text, "only this one has the words"
    assert "Read here" in (await press(ana, "1", await ask(ana, "/search prada"))).labels


HEADLINES = (
    "Prada agrees to buy Versace for 1.25 billion euros",
    "Versace goes to Prada in a €1.25bn deal",
    "Capri Holdings sells its Italian house",
)


@pytest.fixture
async def event(bureau: Bureau) -> list[int]:
    """Store reports of one event by three sources, and a copy of the second by a fourth."""
    desk, sources = bureau.desk, bureau.onnews.archive.sources
    found: list[int] = []
    for number, title in enumerate(HEADLINES):
        new = NewSource(f"Paper {number}", f"https://{number}.example/feed", weight=60 - number)
        source = await sources.add(new, bureau.clock.now)
        await sources.set_state(source.id, SourceState.PAUSED, bureau.clock.now)
        first = found[0] if found else None
        found.append(
            await desk.print_(
                title,
                "business",
                "versace",
                hours_ago=0.5 - number / 10,
                source_id=source.id,
                event=first,
                evidence="" if first is None else "Versace, Prada, 1.25 billion",
            )
        )
    found.append(
        await desk.print_(HEADLINES[1], "business", hours_ago=0.1, story=found[1], event=found[0])
    )
    return found


@pytest.mark.usefixtures("event")
async def test_lists_show_an_event_once_and_its_card_has_all_its_reports(bureau: Bureau) -> None:
    ana = await bureau.reader(follows=("business",))
    for command in ("/latest", "/category business", "/search versace"):
        shown = await ask(ana, command)
        assert sum(title in shown.text for title in HEADLINES) == 1, command
        assert "and 2 others" in shown.text, command
    stranger = bureau.town.person("Stranger")
    titles = [one.title for one in await stranger.inline("versace")]
    assert len([title for title in titles if title in HEADLINES]) == 1

    card = await press(ana, "1", await ask(ana, "/latest"))
    assert len(card.buttons) == 3
    card = await press(ana, "More…", card)
    reports = await press(ana, "All 4 reports", card)
    assert "In common: Versace, Prada, 1.25 billion" in reports.text
    assert all(title in reports.text for title in HEADLINES)
    assert re.findall(r"Paper \d", reports.text) == ["Paper 2", "Paper 1", "Paper 0"]
    assert HEADLINES[0] in (await press(ana, "4", reports)).text

    # More like this has other news of the house, none of the event's.
    more = await press(ana, "More like this", card)
    assert not any(title in more.text for title in HEADLINES)


async def test_an_event_with_one_report_has_no_reports_button(bureau: Bureau) -> None:
    await bureau.desk.print_("A quiet day", "business")
    ana = await bureau.reader()
    await ana.tap("1", await ask(ana, "/latest"))
    assert not any("report" in label for label in (await ana.next()).labels)


async def test_a_later_edition_has_an_event_again_only_as_an_update(bureau: Bureau) -> None:
    ana = await bureau.reader(follows=("business",))
    first = await bureau.desk.print_(HEADLINES[0], "business", figures=("1.25 billion",))
    assert HEADLINES[0] in (await ask(ana, "/digest")).text
    await bureau.heard()

    # The same event in other words adds nothing, however much later it comes.
    bureau.clock.pass_(hours=7)
    for title, figures in ((HEADLINES[1], ("1.25 billion",)), ("The price of a house", ())):
        await bureau.desk.print_(title, "business", event=first, figures=figures, hours_ago=0.1)
    await bureau.desk.print_("A quiet market", "business", hours_ago=0.1)
    second = await ask(ana, "/digest")
    assert "A quiet market" in second.text
    assert not any(title in second.text for title in (*HEADLINES, "The price of a house"))
    await bureau.heard()

    # What names another amount does.
    bureau.clock.pass_(hours=1)
    await bureau.desk.print_(
        "Prada borrows 1.5 billion for Versace",
        "business",
        event=first,
        figures=("1.5 billion",),
        hours_ago=0.1,
    )
    third = await ask(ana, "/digest")
    assert "Prada borrows 1.5 billion for Versace" in third.text
    assert "Update · The Luxury Courier" in third.text
    assert "updated since it was sent to you" in (await press(ana, "Why this one", third)).text
    await ana.tap("More…", await press(ana, "Open the story", third))
    await ana.tap("All 4 reports", await ana.next())
    assert HEADLINES[0] in (await ana.next()).text


CARS = ("A coachbuilt Phantom", "A Spectre for the desert", "A new hall at Goodwood")


async def print_cars(bureau: Bureau) -> None:
    for number, title in enumerate(CARS):
        await bureau.desk.print_(title, "rolls-royce", "motor", hours_ago=number + 1)


@pytest.mark.parametrize(
    ("language", "mute", "question", "line"),
    [
        ("en", "no more cars", "latest about rolls royce", "Muted in your editions: Motor"),
        ("it", "basta auto", "novità su rolls royce", "Fuori dalle tue edizioni: Motori"),
        ("es", "no más coches", "noticias de rolls royce", "Fuera de tus ediciones: Motor"),
        (
            "fr",
            "je ne veux plus de voitures",
            "actualités rolls royce",
            "Masqué dans vos éditions\u202f: Automobile",
        ),
        ("zh", "不要汽车", "劳斯莱斯的新闻", "您的简报已屏蔽：汽车"),
    ],
)
async def test_a_house_asked_for_is_shown_though_its_section_is_muted(
    bureau: Bureau, language: str, mute: str, question: str, line: str
) -> None:
    await print_cars(bureau)
    ana = await bureau.reader("Ana", language, follows=("style",))
    await ask(ana, mute)
    assert "motor" in (await bureau.subscriber(ana)).taste.muted_categories
    for asked in (question, "/latest 5 rolls royce", "rolls royce"):
        answer = await ask(ana, asked)
        assert all(title in answer.text for title in CARS), (asked, answer.text)
        assert answer.text.splitlines()[-1] == line, asked
    # The mute itself stays.
    assert "Phantom" not in (await ask(ana, "/latest 20")).text


async def test_a_search_says_which_of_its_words_categories_and_sources_are_muted(
    bureau: Bureau,
) -> None:
    await print_cars(bureau)
    ana = await bureau.reader(follows=("style",))
    reader, subscribers = (await bureau.subscriber(ana)).id, bureau.onnews.archive.subscribers
    await subscribers.mute_word(reader, "spectre")
    await ana.send("/search spectre desert")
    assert (await ana.next()).text.endswith("Muted in your editions: “spectre”")
    await subscribers.set_level(reader, "rolls-royce", Level.OFF)
    await subscribers.set_level(reader, bureau.desk.source_id, Level.OFF)
    await ana.send("/search spectre desert")
    line = "Muted in your editions: Rolls-Royce, The Luxury Courier and “spectre”"
    assert (await ana.next()).text.endswith(line)
    assert "spectre" not in (await ask(ana, "/search goodwood")).text.splitlines()[-1]


async def test_a_section_asked_for_leaves_out_its_muted_house(bureau: Bureau) -> None:
    await print_cars(bureau)
    ana = await bureau.reader(follows=("style",))
    reader = (await bureau.subscriber(ana)).id
    await bureau.onnews.archive.subscribers.set_level(reader, "rolls-royce", Level.OFF)
    answer = await ask(ana, "/latest 5 motor")
    assert "A new engine, number 9" in answer.text
    assert "Phantom" not in answer.text
    assert "Muted" not in answer.text


async def test_a_group_hears_that_its_editions_leave_out_what_was_asked_for(bureau: Bureau) -> None:
    await print_cars(bureau)
    ana = await bureau.reader()
    room = bureau.town.group("Desk", [ana], settled=True)
    await ask(ana, "/latest@OnNewsBot 1", room)
    await bureau.onnews.archive.subscribers.set_level(
        (await bureau.subscriber(room)).id, "motor", Level.OFF
    )
    answer = await ask(ana, "/latest@OnNewsBot 5 rolls royce", room)
    assert CARS[0] in answer.text
    assert answer.text.endswith("Muted in this chat’s editions: Motor")
