"""`./dev bench typed_wishes`: how many typed sentences are done as they were meant.

`sentences/LANGUAGE-SET.tsv` has a sentence on each line, what its writer meant, and how that shows:
the whole application answers each over HTTP, to a reader of its own. `--set FILE` measures one file
and prints what was missed. The third column has checks, all of which must hold (`&`); `/` parts
alternatives. What is stored: `hour 06:15`, `days 1,5` (Monday is 1), `weekly`, `quiet 22:00-07:00`,
`pause 14` (days), `pause 08-25`, `pause monday`, `pause 15th`, `active`, `stopped`, `layout`,
`language`, `articles en,fr`, `zone`, `follow SLUG`, `only`, `off SLUG`, `mute WORD`, `alert SLUG`,
`no-alert SLUG`, `alert-word WORD`, `saved 3`, `undone`. What is shown: `news SLUG-OR-WORD` with
`days=`, `month=`, `source=` and `count=`, `courtesy thanks`, and `answer TEMPLATE DETAIL`.

A sentence is done if all holds and nothing else is stored, partly done if some holds, and wrongly
done if anything else is stored.
"""

from __future__ import annotations

import tempfile
from collections import Counter, defaultdict
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from unittest.mock import patch

from rich.console import Console

from bench import SetError
from bench.harness.report import Metric
from bot.app import OnNews
from bot.configuration.settings import Settings
from digest.pacing.rate_limiter import RateLimiter
from digest.timing.schedule import local_date, next_due
from news.filing.taxonomy import load
from playground.server import Playground
from storage.model import Filing, NewArticle, NewSource, Round, State
from templates.renderer import Renderer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playground.people.people import Person
    from storage.model import Subscriber

FOLDER = Path(__file__).with_name("sentences")
NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
NUMBERS = 9
SOURCES = ("Reuters", "Bloomberg", "WWD", "Les Echos", "Il Sole 24 Ore")
BEFORE = ("gucci", "prada", "motor", "louis-vuitton", "balenciaga")
"""What a reader follows before."""
HOUR_BEFORE = 9 * 60
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
UNDO = "follow Cartier"
"""What is typed before a sentence that takes it back."""

FIGURES = {
    "done": Metric("done as meant", at_least=0.85),
    "worst_language": Metric("in the worst language", at_least=0.75),
    "partly": Metric("partly done"),
    "wrong": Metric("wrongly done", at_most=2),
    "sentences": Metric("sentences"),
    **{language: Metric(f"done in {language}") for language in ("en", "it", "es", "fr", "zh")},
}


class Said(NamedTuple):
    """A sentence with what its writer meant, and how that shows."""

    language: str
    sentence: str
    meant: str
    checks: str


class Answer(NamedTuple):
    """A sentence with what became of it."""

    said: Said
    outcome: str
    """`done`, `partly`, `wrong` or `not`."""
    seen: str


def read(path: Path) -> list[Said]:
    """Return the sentences of a file; its name begins with the language."""
    rows = [line.split("\t") for line in path.read_text("utf-8").splitlines() if line]
    if any(len(row) != 3 for row in rows):
        raise SetError(f"{path.name}: each line has a sentence, what it means, and checks")
    return [Said(path.name[:2], *row) for row in rows]


@asynccontextmanager
async def opened(folder: str) -> AsyncIterator[tuple[Playground, OnNews]]:
    """Open the bot with a few sources and stories."""
    async with Playground(clock=NOW.timestamp) as town:
        settings = Settings(
            telegram_bot_token=town.token,
            telegram_api_url=town.url,
            database_url=f"sqlite:///{folder}/onnews.db",
            default_timezone="Europe/Rome",
        )
        bot = OnNews(
            settings, clock=lambda: NOW, first_sources=(), rate_limiter=RateLimiter(1_000_000)
        )
        await bot.start()
        sources = bot.archive.sources
        for name in SOURCES:
            url = f"https://{name.replace(' ', '-').lower()}.example/"
            await sources.add(NewSource(name=name, url=url, paused=True), NOW)
        first, *_ = await sources.all()
        made = tuple(_story(number) for number in range(1, NUMBERS + 3))
        await bot.archive.articles.store_all(
            [
                Round(
                    source_id=first.id,
                    now=NOW,
                    articles=made,
                    stories={},
                    events={},
                    backlog=False,
                    url=None,
                    etag=None,
                    last_modified=None,
                    interval=86_400,
                    next_check=NOW + timedelta(days=365),
                )
            ]
        )
        try:
            yield town, bot
        finally:
            await bot.stop()


def _story(number: int) -> NewArticle:
    link = f"https://news.example/{number}"
    return NewArticle(
        guid=link,
        link=link,
        title=f"A new engine with so many cylinders: {number}",
        standfirst="What it is about.",
        body=None,
        image=None,
        author=None,
        language="en",
        published=NOW - timedelta(hours=number),
        filings=(Filing("motor", "bench"),),
    )


class Reader:
    """A reader who types one sentence."""

    def __init__(self, bot: OnNews, person: Person, said: Said, shown: list[Any]) -> None:
        self.bot, self.person, self.said, self.shown = bot, person, said, shown

    async def known(self) -> Subscriber:
        """Return what is stored of the reader."""
        found = await self.bot.archive.subscribers.find(self.person.id)
        if found is None:
            raise SetError(f"nobody knows the reader of {self.said.sentence!r}")
        return found

    async def prepare(self) -> None:
        """Give the choices that the sentence takes back, and a list with numbers."""
        subscribers, checks = self.bot.archive.subscribers, self.said.checks
        await self.person.start()
        await self.person.next()
        known = await self.known()
        for slug in BEFORE:
            await subscribers.follow(known.id, slug)
        for check in checks.split(" & "):
            if check.startswith("no-alert "):
                await subscribers.follow(known.id, check.removeprefix("no-alert "), alerts=True)
        paused = NOW + timedelta(days=9) if "active" in checks else None
        known = await self.known()
        await subscribers.change(
            known.id,
            place=1,
            next_at=next_due(known, NOW),
            paused_until=paused,
            digest_minute=HOUR_BEFORE,
            quiet_from=None,
            quiet_to=None,
            languages=frozenset(),
            zone="America/Lima" if "zone" in checks else "Europe/Rome",
            language=("en" if self.said.language != "en" else "fr")
            if checks.startswith("language")
            else self.said.language,
        )
        await self.person.send(f"/latest {NUMBERS}")
        await self.person.next()
        if "undone" in checks:
            await self.person.send(UNDO)
            await self.person.next()

    async def state(self) -> dict[str, Any]:
        """Return what is stored of the choices."""
        known, subscribers = await self.known(), self.bot.archive.subscribers
        taste = known.taste
        saved = await self.bot.archive.saved.list(known.id, limit=20, offset=0)
        numbers = {1 + NUMBERS + 2 - each.id: each for each in saved}
        return {
            "hour": f"{known.digest_minute // 60:02}:{known.digest_minute % 60:02}",
            "days": ",".join(str(day + 1) for day in range(7) if known.days >> day & 1),
            "quiet": None
            if known.quiet_from is None or known.quiet_to is None
            else "-".join(
                f"{each // 60:02}:{each % 60:02}" for each in (known.quiet_from, known.quiet_to)
            ),
            "pause": known.paused_until,
            "stopped": known.state is State.STOPPED,
            "layout": known.layout.value,
            "language": known.language,
            "articles": ",".join(sorted(taste.languages)),
            "zone": known.zone,
            "follow": taste.follows,
            "off": frozenset(taste.muted_categories),
            "word": frozenset(word.casefold() for word in taste.words),
            "mute": frozenset(_compact(word) for word in taste.muted_words),
            "alert": await subscribers.alerts(known.id),
            "alert-word": frozenset(
                word.casefold() for word in await subscribers.word_alerts(known.id)
            ),
            "saved": frozenset(numbers),
        }


FIELDS = {
    "off": {"off", "follow", "alert", "level"},
    "no-alert": {"alert"},
    # A private chat's first alert sets quiet hours, and says so.
    "alert": {"alert", "follow", "quiet"},
    "alert-word": {"alert-word", "word", "quiet"},
    "follow-word": {"word"},
    "active": {"pause", "stopped"},
    "weekly": {"days"},
    "undone": {"follow"},
    "only": {"follow"},
}
"""Check → what is stored for it, if that has another name."""


def holds(check: str, before: dict[str, Any], after: dict[str, Any], shown: list[Any]) -> bool:  # noqa: C901, PLR0911, PLR0912
    """Return whether one check holds."""
    name, _, value = check.partition(" ")
    if name in {"hour", "days", "quiet", "layout", "language", "articles", "zone"}:
        return bool(after[name] == value)
    if name == "weekly":
        return len(after["days"]) == 1
    if name == "active":
        return after["pause"] is None and not after["stopped"]
    if name == "stopped":
        return bool(after["stopped"])
    if name == "pause":
        return _paused(value, after["pause"])
    if name == "off":
        return value not in after["follow"] and (value in after["off"] or value in before["follow"])
    if name in {"follow", "alert", "mute", "alert-word"}:
        return value in after[name]
    if name == "follow-word":
        return value in after["word"]
    if name == "no-alert":
        return value not in after["alert"] and value in after["follow"]
    if name == "only":
        return not after["follow"].intersection(BEFORE)
    if name == "saved":
        return int(value) in after["saved"]
    if name == "undone":
        return "cartier" not in after["follow"]
    if name == "news":
        return any(_is_news(value, values) for template, values in shown if template == "list")
    template, _, detail = (value if name == "answer" else check).partition(" ")
    return any(
        each == template and (not detail or _has_detail(detail, template, values))
        for each, values in shown
    )


def _compact(word: str) -> str:
    """Return a muted word without the spaces between Chinese characters."""
    return word if word.isascii() else word.replace(" ", "")


def _paused(value: str, until: datetime | None) -> bool:
    if until is None:
        return False
    day, today = local_date(until, "Europe/Rome"), NOW.date()
    if value in DAYS:
        return day.weekday() == DAYS.index(value) and (day - today).days <= 7
    if value.endswith("th"):
        return day.day == int(value[:-2]) and (day - today).days <= 31
    if value.isdecimal():
        return (day - today).days in {int(value), int(value) - 1, int(value) + 1}
    return f"{day:%m-%d}" == value


def _is_news(value: str, values: dict[str, Any]) -> bool:
    name, *filters = value.split(" ")
    asked, words = values["narrowed"], values["query"]
    since = None if asked is None else asked.since
    found = load().find(words) or next(iter(load().suggest(words)), None) if words else None
    meant = {values["category"], asked.category if asked else "", found.slug if found else ""}
    if name not in meant and name not in words.casefold():
        return False
    for each in filters:
        key, _, wanted = each.partition("=")
        if key == "days":
            days = None if since is None else (NOW.date() - since).days
            if days is None or abs(days - int(wanted)) > 1:
                return False
        elif key == "month":
            if since is None or since.month != int(wanted):
                return False
        elif key == "source":
            if asked is None or not any(wanted in source for source in asked.sources):
                return False
        elif key == "count" and values["lengths"] is None:
            return False
    return True


def _has_detail(detail: str, template: str, values: dict[str, Any]) -> bool:
    if template == "card":
        return bool(values["article"].title.endswith(f": {detail}"))
    said = {str(values.get(key)) for key in ("kind", "scope", "sheet", "part")}
    return detail in said or detail in str(values.get("near")) or detail in {"yours", "when"}


def judged(
    said: Said, before: dict[str, Any], after: dict[str, Any], shown: list[Any]
) -> tuple[str, str]:
    """Return what became of a sentence, and what was seen."""
    changed = {key for key in before if before[key] != after[key]}
    best = "not"
    for way in said.checks.split(" / "):
        checks = way.split(" & ")
        allowed = set().union(
            *(FIELDS.get(each.split(" ")[0], {each.split(" ")[0]}) for each in checks)
        )
        held = [each for each in checks if holds(each, before, after, shown)]
        if changed - allowed:
            outcome = "wrong"
        elif len(held) == len(checks):
            outcome = "done"
        elif held or any(values.get("near") for _, values in shown):
            outcome = "partly"
        else:
            outcome = "wrong" if changed - {"follow"} else "not"
        best = max(best, outcome, key=("not", "wrong", "partly", "done").index)
    seen = [f"{key}: {after[key]}" for key in sorted(changed)]
    seen += [template for template, _ in shown]
    return best, ", ".join(seen)


async def answers(said: list[Said]) -> list[Answer]:
    """Let each sentence be answered, and judge the answers."""
    shown: list[Any] = []
    message = Renderer.message

    def noted(self: Renderer, template: str, *further: Any, **values: Any) -> Any:  # noqa: ANN401
        shown.append((template, values))
        return message(self, template, *further, **values)

    found = []
    with tempfile.TemporaryDirectory(prefix="onnews-bench-") as folder:
        async with opened(folder) as (town, bot):
            with patch.object(Renderer, "message", noted):
                for number, each in enumerate(said):
                    person = town.person(f"Reader {number}", each.language)
                    reader = Reader(bot, person, each, shown)
                    await reader.prepare()
                    before = await reader.state()
                    shown.clear()
                    await person.send(each.sentence)
                    await person.next()
                    bystander = town.person("A bystander")
                    await bystander.send("/help")
                    await bystander.next()
                    outcome, seen = judged(each, before, await reader.state(), shown)
                    found.append(Answer(each, outcome, seen))
    return found


async def measure(*, labelled: Path | None = None, quick: bool = False) -> dict[str, float]:
    """Let all sentences be answered, or those of one file."""
    paths = [labelled] if labelled else sorted(FOLDER.glob("*.tsv"))
    said = [each for path in paths for each in read(path)][:: 10 if quick else 1]
    found = await answers(said)
    _MISSED.extend(each for each in found if each.outcome != "done")
    outcomes = Counter(each.outcome for each in found)
    by_language: defaultdict[str, list[bool]] = defaultdict(list)
    for each in found:
        by_language[each.said.language].append(each.outcome == "done")
    done = {language: sum(each) / len(each) for language, each in by_language.items()}
    return {
        "done": outcomes["done"] / len(found),
        "worst_language": min(done.values()),
        "partly": outcomes["partly"],
        "wrong": outcomes["wrong"],
        "sentences": len(found),
        **done,
    }


_MISSED: list[Answer] = []


def show_details(_path: Path) -> None:
    """Print what was not done as meant."""
    for said, outcome, seen in _MISSED:
        Console().print(f"{outcome:7}{said.sentence}\n       [{said.checks}] {seen}", markup=False)
