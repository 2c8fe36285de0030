"""A short tour for the terminal: a reader meets the bot and sends a story to a friend.

It talks to the bot as people do, reads every answer, and stops at the first wrong one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time, timedelta
from typing import TYPE_CHECKING, Protocol
from zoneinfo import ZoneInfo

from rich.padding import Padding
from rich.panel import Panel
from rich.text import Text

from playground.clock import next_time
from playground.people.people import NoAnswerError
from playground.rich.printed import printed

if TYPE_CHECKING:
    from datetime import datetime

    from rich.console import Console

    from playground.people.people import CallbackAnswer, Message, Person, Room
    from playground.server import Playground

CITY = "Dubai"
"""A city without clock changes.

Elsewhere an hour may come twice, so that the next one may have passed already.
"""
ZONE = ZoneInfo("Asia/Dubai")
EARLY = time(7, 30)
"""The time of the reader's edition."""
OVERNIGHT = 8
"""Stories published besides the breaking ones, so that the edition has a choice."""
BEFORE = timedelta(minutes=1)
"""How long before its time the edition must not have arrived."""
PATIENCE = 60.0
"""Seconds within which an edition that is due must arrive."""
LONGEST = 72
"""Columns of a bubble in the transcript."""
LAST_TIME = 4
"""The place of the button for the longest time that a story leads, among those for its time."""


@dataclass(frozen=True, slots=True)
class Breaking:
    """A story that the newsstand publishes while the tour waits for the edition."""

    feed: str
    category: str
    title: str
    standfirst: str
    picture: str
    """The name of its picture at the newsstand."""


BREAKING = (
    Breaking(
        "motor",
        "Motor",
        "Eight Phantoms on: what Rolls-Royce has changed, and what it would not touch",
        "The new car keeps the proportions of its forebears; under them all is new.",
        "car-silver",
    ),
    Breaking(
        "fashion",
        "Style",
        "A tailor of Naples opens a school beside his workshop",
        "Twelve apprentices a year will learn to cut a jacket by hand.",
        "spools",
    ),
)


NAME = "Emma"
"""The name by which other editors see the editor."""

PUBLISHED = Breaking(
    "fashion",
    "Watches",
    "Rolex opens a school for watchmakers in Geneva",
    "Thirty apprentices a year will learn to make and mend mechanical watches.",
    "watch-steel",
)
"""The story that the editor publishes by its link, before the bot finds it in a feed."""
CORRECTED = "Rolex opens a school for watchmakers in Lausanne"
"""The headline to which the editor corrects it, when the edition has long arrived."""


class TourError(AssertionError):
    """A step of the tour failed; the text says how."""


@dataclass(frozen=True, slots=True)
class Cast:
    """The people of the demo, and the chat of the first two."""

    reader: Person
    friend: Person
    editor: Person
    operator: Person
    together: Room


class Passing(Protocol):
    """Lets the demo's time pass."""

    def now(self) -> datetime:
        """Return the current time, in UTC."""

    async def fetch(self) -> None:
        """Let the bot check its sources now, as it does regularly."""

    async def until(self, moment: datetime) -> None:
        """Let time pass until a moment, and the bot do what is due by then."""

    async def sent(self) -> None:
        """Wait until the bot has recorded that its editions were sent."""


class Tour:
    """Plays the bot's main features and prints a transcript.

    Args:
        town: The playground in which the bot answers.
        cast: The people.
        console: Prints the transcript.
        time: Lets time pass.
    """

    def __init__(
        self,
        town: Playground,
        cast: Cast,
        console: Console,
        time: Passing,
    ) -> None:
        self.town = town
        self.cast = cast
        self.console = console
        self.time = time

    async def play(self) -> bool:
        """Play every step.

        Returns:
            Whether every step succeeded; failures are printed.
        """
        steps = {
            "A newcomer chooses": self.choose,
            "The latest headlines, on demand": self.ask_for_the_latest,
            "An editor publishes a link": self.publish_a_link,
            "The edition, at its hour": self.wait_for_the_edition,
            "A story for a friend": self.send_a_story,
            "The friend arrives": self.arrive,
            "The editor corrects the headline": self.correct,
        }
        try:
            for title, step in steps.items():
                self.console.rule(f"[bold]{title}[/]", align="left")
                await step()
        except (TourError, NoAnswerError) as error:
            self.console.print(Panel(Text(str(error)), title="This step failed", style="red"))
            return False
        for violation in self.town.violations:
            self.console.print(f"[red]Telegram would refuse {violation.method}: {violation.reason}")
        return not self.town.violations

    async def choose(self) -> None:
        """Go from /start to the first edition, following three categories on the way."""
        reader = self.cast.reader
        self.writes(reader, "/start")
        await reader.start()
        self.shows(await reader.next())
        await self.taps(reader, "More sections")
        await reader.next()
        for category in ("Style", "Motor", "Watches"):
            await self.taps(reader, category)
            picker = await reader.next()
            marked = any(label.startswith(f"✓ {category}") for label in picker.labels)
            self.expect(marked, f"{category} is not marked as followed")
        await self.taps(reader, "Done")
        self.shows(await reader.next())
        await self.taps(reader, "08:00")
        self.shows(await reader.next())
        await self.taps(reader, CITY)
        self.shows(await reader.next())
        edition = await reader.next()
        self.shows(edition)
        self.expect(bool(edition.links), "the first edition has no headline")

    async def ask_for_the_latest(self) -> None:
        """Ask for the five newest headlines, each linked to its source, and print the answer."""
        reader = self.cast.reader
        self.writes(reader, "/latest 5")
        await reader.send("/latest 5")
        headlines = await reader.next()
        self.shows(headlines)
        self.expect(len(headlines.links) == 5, "/latest 5 does not link five headlines")

    async def publish_a_link(self) -> None:
        """Choose a name as an editor, send a link, make it the lead story and publish it."""
        editor = self.cast.editor
        self.writes(editor, "/desk")
        await editor.send("/desk")
        await self.taps(editor, "Another name", await editor.next())
        await editor.next()
        self.writes(editor, NAME)
        await editor.send(NAME)
        self.shows(await editor.next())
        story = self.town.newsstand.publish(
            PUBLISHED.title,
            PUBLISHED.standfirst,
            feed=PUBLISHED.feed,
            categories=[PUBLISHED.category],
            picture=PUBLISHED.picture,
        )
        link = self.town.newsstand.link(story, self.town.url)
        self.writes(editor, link)
        await editor.send(link)
        await editor.next()
        draft = await editor.next(timeout=PATIENCE)
        self.shows(draft)
        self.expect(PUBLISHED.title in draft.text, "the draft lacks the page's headline")
        await self.taps(editor, "Lead until…", draft)
        times = await editor.next()
        await self.taps(editor, times.labels[LAST_TIME], times)
        times = await editor.next()
        await self.taps(editor, "Back", times)
        await self.taps(editor, "Publish", await editor.next())
        published = await editor.next()
        self.shows(published)
        self.expect("Published:" in published.text, "the link was not published")

    async def wait_for_the_edition(self) -> None:
        """Choose a layout and a time, publish news, and let time pass until the edition."""
        reader = self.cast.reader
        self.writes(reader, "/settings")
        await reader.send("/settings")
        self.shows(await reader.next())
        await self.taps(reader, "Layout")
        self.shows(await reader.next())
        await self.taps(reader, "Front page")
        self.shows(await reader.next())
        await self.taps(reader, "Back")
        await reader.next()
        await self.taps(reader, "Time")
        await reader.next()
        self.writes(reader, f"{EARLY:%H:%M}")
        await reader.send(f"{EARLY:%H:%M}")
        self.shows(await reader.next())
        for story in BREAKING:
            self.town.newsstand.publish(
                story.title,
                story.standfirst,
                feed=story.feed,
                categories=[story.category],
                picture=story.picture,
            )
        for number in range(OVERNIGHT):
            self.town.newsstand.publish_next(timedelta(minutes=5 * (OVERNIGHT - number)))
        await self.time.fetch()
        self.console.print(f"[dim]The newsstand has {len(BREAKING) + OVERNIGHT} new stories.[/]")
        due = next_time(self.time.now(), EARLY, ZONE)
        await self.time.until(due - BEFORE)
        self.expect(not reader.unread(), "an edition came before its hour")
        self.console.print(f"[dim]Time passes, to {EARLY:%H:%M} in {CITY}.[/]")
        await self.time.until(due)
        edition = await reader.next(timeout=PATIENCE)
        self.shows(edition)
        self.expect(bool(edition.blocks), "the edition is no front page")
        first = min((each.title for each in (*BREAKING, PUBLISHED)), key=edition.text.find)
        self.expect(
            PUBLISHED.title in edition.text and first == PUBLISHED.title,
            "the editor's lead story does not come first",
        )
        for story in BREAKING:
            self.expect(story.title in edition.text, f"the edition lacks {story.title!r}")
        self.expect(not reader.unread(), "more than one edition came")

    async def send_a_story(self) -> None:
        """Open a story's card from the edition, and send it to the friend by inline query."""
        reader, together = self.cast.reader, self.cast.together
        await self.taps(reader, "1")
        card = await reader.next()
        self.shows(card)
        query = (await self.taps(reader, "Send", card)).inline_query
        self.expect(query is not None, "the button opens no inline query")
        results = await reader.inline(query or "", together)
        self.expect(len(results) == 1, "the inline query does not find exactly the story")
        self.shows(await reader.choose(results[0], together))

    async def arrive(self) -> None:
        """Follow the link as the friend, see the story, follow its category and go on."""
        friend = self.cast.friend
        shared = self.cast.together.messages[-1]
        here = f"https://t.me/{self.town.world.bot.username}"
        links = [*shared.links, *(button.url or "" for row in shared.buttons for button in row)]
        link = next((link for link in links if link.startswith(here)), None)
        if link is None:
            raise TourError("the shared story does not lead to the bot")
        self.writes(friend, f"opens {link}")
        await friend.open(link)
        card = await friend.next()
        self.shows(card)
        follow = next((label for label in card.labels if label.startswith("Follow")), None)
        if follow is None:
            raise TourError("the card does not offer to follow its category")
        await self.taps(friend, follow, card)
        card = await friend.next()
        await self.taps(friend, card.labels[-1], card)
        self.shows(await friend.next())

    async def correct(self) -> None:
        """Correct a wrong fact at the desk as the editor, and see the reader's edition edited."""
        editor, reader = self.cast.editor, self.cast.reader
        await self.time.sent()
        reader.unread()
        self.writes(editor, "/desk")
        await editor.send("/desk")
        home = await editor.next()
        self.shows(home)
        await self.taps(editor, "Find a story", home)
        await editor.next()
        self.writes(editor, PUBLISHED.title)
        await editor.send(PUBLISHED.title)
        story = await editor.next()
        self.shows(story)
        await self.taps(editor, "Headline: wrong fact", story)
        self.shows(await editor.next())
        self.writes(editor, CORRECTED)
        await editor.send(CORRECTED)
        self.shows(await editor.next())
        edition = await reader.next(timeout=PATIENCE)
        self.console.print(f"[dim]{reader.name}'s edition is edited in place.[/]")
        self.shows(edition)
        self.expect(edition.edited, "the correction came as a new message")
        self.expect(
            CORRECTED in edition.text and PUBLISHED.title not in edition.text,
            "the edition still has the wrong headline",
        )
        self.expect("corrected" in edition.text, "the edition does not say that it was corrected")

    # Transcript.

    def expect(self, right: bool, otherwise: str) -> None:  # noqa: FBT001  # reads like a sentence
        """Stop the tour unless a condition holds.

        Raises:
            TourError: The condition does not hold.
        """
        if not right:
            raise TourError(otherwise)

    def writes(self, person: Person, words: str) -> None:
        """Print a person's message."""
        self.console.print(f"[bold cyan]{person.name}[/]  {words}")

    async def taps(
        self, person: Person, label: str, message: Message | None = None
    ) -> CallbackAnswer:
        """Tap a button, and print that with the notice that Telegram shows."""
        answer = await person.tap(label, message)
        shown = f"  [dim]{answer.text}[/]" if answer.text else ""
        self.console.print(f"[bold cyan]{person.name}[/]  taps [reverse] {label} [/]{shown}")
        return answer

    def shows(self, message: Message) -> None:
        """Print a message of the bot as a bubble, with its buttons."""
        body = printed(message.blocks) if message.blocks else Text(message.text)
        if message.buttons:
            body.append("\n")
        for row in message.buttons:
            body.append("\n")
            for button in row:
                body.append(f" {button.text} ", "reverse dim")
                body.append(" ")
        bubble = Panel(body, title=message.author, title_align="left", width=LONGEST)
        self.console.print(Padding(bubble, (0, 0, 0, 4)))
