"""`./dev bench editions`: whether five readers' editions hold what an editor would choose.

A set's headlines are spread over seven days by a hash of their titles, each as an article from a
source of its group. They are filed, joined to stories and events, and editions are chosen at eight
each morning. The set's labels say what is right. `coverage` is the share of followed sections
shown, of those with news since the previous edition (at most as many as there are places);
`general` the share of stories that the trade does not want; `filler` the share of fillers;
`repeated` the number of events shown again that are no update.

The project's own set is `tests/news/labelled/headlines.jsonl`. `--set FILE` uses another one, which
may have `trade` and `group`, and prints the editions. `tests/news/labelled/filler.tsv` lists titles
that are fillers, by hash; titles not listed count as news.

Each article has a kind and a weight, as a fetched one does. A tab-separated FILE has labels of
them, which the JSON files beside it may complete by title. Its headlines are rated by weights
learned without them, if `train/` has them. `no_news` is then the share of lists, notices, features
and general news of weight 0. `heavy_leads` is the share of leads of weight 2 or 3 among editions
whose reader could have one, and `heaviest_leads` that of leads as heavy as any such story. `others`
is the mean weight of all stories but the lead, `best_others` what it could be at most. `struck`
counts what an editor would strike in an edition: stories of weight 0, lists, notices, features, and
what is not for its reader; `heavy_left_out` stories of weight 2 or 3 for which there was room.
"""

from __future__ import annotations

import csv
import hashlib
import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from rich.console import Console

from bench import SetError
from bench.harness.report import Metric
from bench.quality.filing import LABELLED
from bench.quality.kinds import PARTS
from digest.choosing.category_kinds import CategoryKinds
from digest.choosing.edition import CandidatePool
from digest.choosing.ranking import window
from news.filing.classify import classify
from news.filing.filler_signs import sign_of_filler
from news.filing.story_kinds import rated_texts
from news.filing.taxonomy import load
from news.stories.duplicates import Fingerprint, Stories
from news.stories.events import Events
from news.stories.headline_tokens import content_words
from news.stories.report import report_of
from storage.model import UNSURE, Article, Kind, StoryKind, Taste, houses_among
from storage.words.search_words import tokens

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from news.filing.story_kinds import Rated
    from news.filing.taxonomy import Taxonomy
    from storage.model import Edition

FILLER = LABELLED / "filler.tsv"
FIRST = datetime(2026, 3, 2, 8, tzinfo=UTC)
DAYS = 7
SIZE = 12
GENERAL_WEIGHT, TRADE_WEIGHT = 40, 60
"""The weights of most general and of most trade sources in `sources.toml`."""
_HASHED = 16
"""Hexadecimal digits of a title's hash."""
_HEAVY = 2.0
_SOFT = frozenset({StoryKind.LIST, StoryKind.NOTICE, StoryKind.FEATURE})
_NO_NEWS = _SOFT | {StoryKind.GENERAL}

FIGURES = {
    "articles": Metric("headlines"),
    "editions": Metric("editions with stories"),
    "stories": Metric("stories in them"),
    "coverage": Metric("followed sections with news that are shown", at_least=0.95),
    "general": Metric("stories that the trade does not want", at_most=0.05),
    "filler": Metric("stories that are no news", at_most=0.03),
    "repeated": Metric("events shown again, no updates", at_most=0),
    "no_news": Metric("lists, notices, features and general news of weight 0", at_most=0.03),
    "heavy_leads": Metric("leads of weight 2 or 3, where there is one", at_least=0.65),
    "heaviest_leads": Metric("leads as heavy as any", at_least=0.53),
    "others": Metric("mean weight of stories that do not lead"),
    "best_others": Metric("the same of the heaviest stories"),
    "struck": Metric("stories that an editor strikes, per edition", at_most=2),
    "heavy_left_out": Metric("stories of weight 2 or 3 left out, per edition"),
}


@dataclass(frozen=True, slots=True)
class DealtHeadline:
    """A headline with its labels."""

    title: str
    standfirst: str
    language: str
    sections: frozenset[str]
    general: bool
    """Whether it comes from a source that brings news of all kinds."""
    trade: bool
    filler: bool
    source: str
    rated: Rated
    houses: frozenset[str] = frozenset()
    kind: StoryKind | None = None
    """The kind by its label, to which `weight` belongs; None if it has no label of it."""
    weight: float = 0.0


class BenchReader(NamedTuple):
    """A reader of editions."""

    name: str
    taste: Taste


class Sent(NamedTuple):
    """An edition with the headlines that it was chosen from."""

    reader: BenchReader
    edition: Edition
    rows: Sequence[DealtHeadline]
    """The headlines shown, in order."""
    new: Sequence[DealtHeadline]
    """All headlines that arrived since the previous edition."""
    events: Sequence[int]
    """Their events."""


def readers(taxonomy: Taxonomy) -> tuple[BenchReader, ...]:
    """Return the five readers."""
    sections = frozenset(each.slug for each in taxonomy.by_kind(Kind.SECTION))

    def of(*follows: str) -> Taste:
        return Taste(follows=frozenset(follows))

    return (
        BenchReader("all sections", Taste(follows=sections)),
        BenchReader("LVMH and its trades", of("lvmh", "watches", "jewellery", "style", "business")),
        BenchReader("fashion houses", of("gucci", "prada", "chanel", "hermes", "style", "beauty")),
        BenchReader("cars and yachts", of("ferrari", "porsche", "motor", "yachts", "real-estate")),
        BenchReader("art and travel", of("art", "tourism", "events", "china", "sothebys")),
    )


def read(path: Path) -> list[DealtHeadline]:
    """Read the headlines of a set.

    Raises:
        SetError: A line is no labelled headline; the message names it.
    """
    with FILLER.open(encoding="utf-8", newline="") as lines:
        marks = {row["title"]: row["filler"] for row in csv.DictReader(lines, delimiter="\t")}
    table = path.suffix == ".tsv"
    given: Iterable[Any] = _in_table(path) if table else path.read_text("utf-8").splitlines()
    rows = []
    for number, line in enumerate(given, 1):
        try:
            row: dict[str, Any] = json.loads(line) if isinstance(line, str) else line
            title, standfirst = row["title"], row.get("standfirst") or ""
            (rated,) = rated_texts([title], [standfirst])
            rows.append(
                DealtHeadline(
                    title,
                    standfirst,
                    row["language"],
                    frozenset(row["sections"]),
                    row.get("group") == "general",
                    row.get("trade", row.get("kind") != StoryKind.GENERAL),
                    marks.get(hashed(title)) == "yes",
                    row.get("source") or hashed(title)[:2],
                    rated,
                    frozenset(row.get("houses", ())),
                    StoryKind(row["kind"]) if "kind" in row else None,
                    float(row.get("weight", 0)),
                )
            )
        except (AttributeError, KeyError, TypeError, ValueError) as problem:
            needed = "language, title and sections"
            raise SetError(f"{path.name}, row {number}: needs {needed}") from problem
    return _unlearned(rows) if any(row.kind for row in rows) else rows


def _in_table(path: Path) -> list[dict[str, Any]]:
    """Return the rows of a tab-separated file, completed by those of JSON files beside it."""
    known: dict[str, dict[str, Any]] = {}
    for file in sorted(path.parent.glob("*.jsonl")):
        for row in map(json.loads, file.read_text("utf-8").splitlines()):
            if "sections" in row:
                known[row["title"]] = row
    with path.open(encoding="utf-8", newline="") as lines:
        given = list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
    return [known.get(row["title"], {}) | row for row in given]


def _unlearned(rows: Sequence[DealtHeadline]) -> list[DealtHeadline]:
    """Return the headlines, those of `train/` rated by weights that were learned without them."""
    from train import headline_rows, kinds  # noqa: PLC0415 - needs numpy

    unseen = {row.row.key: given for row, given in kinds.unseen(kinds.rows(), PARTS)}
    keys = [headline_rows.key_of(row.title) for row in rows]
    return [
        replace(row, rated=unseen.get(key, row.rated)) for row, key in zip(rows, keys, strict=True)
    ]


def hashed(title: str) -> str:
    """Return the hash by which a title is ordered and marked as filler."""
    return hashlib.sha256(title.encode()).hexdigest()[:_HASHED]


def deal(rows: Iterable[DealtHeadline], taxonomy: Taxonomy) -> list[tuple[DealtHeadline, Article]]:
    """Return the headlines with articles made from them over seven days, oldest first."""
    ordered = sorted(rows, key=lambda row: hashed(row.title))
    apart = timedelta(days=DAYS) / max(len(ordered), 1)
    houses = houses_among(taxonomy.categories)
    stories, events = Stories(), Events()
    sources: dict[str, int] = {}
    found = []
    for number, row in enumerate(ordered, 1):
        published = FIRST - timedelta(days=1) + apart * number
        marked = filed(row, taxonomy)
        slugs = tuple(slug for slug in marked if slug != UNSURE)
        source = sources.setdefault(row.source, len(sources) + 1)
        fingerprint = Fingerprint(
            link=f"https://news.example/{number}",
            title=row.title,
            published=published,
            source_id=source,
            houses=houses.intersection(slugs),
            story_id=number,
        )
        match = stories.match(fingerprint)
        fingerprint.story_id = match.story_id if match else number
        stories.add(fingerprint)
        about = [taxonomy.categories[slug] for slug in slugs]
        report = report_of(row.title, row.standfirst, published, about, fingerprint.order)
        joined = events.match(report, number, match.story_id if match else None)
        article = Article(
            id=number,
            story_id=fingerprint.story_id,
            source_id=source,
            source=row.source,
            source_weight=GENERAL_WEIGHT if row.general else TRADE_WEIGHT,
            link=fingerprint.link,
            title=row.title,
            standfirst=row.standfirst,
            image=None,
            author=None,
            language=row.language,
            published=published,
            first_seen=published,
            categories=slugs,
            backlog=False,
            has_body=False,
            event_id=joined.event if joined else number,
            figures=report.figures,
            general=row.general,
            filler=bool(sign_of_filler(row.title, tokens(row.title))),
            unsure=UNSURE in marked,
            story_kind=row.rated.kind,
            kind_certainty=row.rated.certainty,
            weight=row.rated.weight,
        )
        found.append((row, article))
    return found


def filed(row: DealtHeadline, taxonomy: Taxonomy) -> list[str]:
    """Return the slugs of a headline's categories, and `UNSURE` if it is marked so."""
    found = classify(
        taxonomy, title=row.title, standfirst=row.standfirst, general=row.general, marked=True
    )
    return list(dict.fromkeys(each.category for each in found))


def send(dealt: Sequence[tuple[DealtHeadline, Article]], taxonomy: Taxonomy) -> Iterator[Sent]:
    """Yield the editions of seven mornings, reader by reader."""
    kinds = CategoryKinds.among(taxonomy.categories)
    row_of = {article.id: row for row, article in dealt}
    for reader in readers(taxonomy):
        place, since = 0, None
        for day in range(DAYS):
            now = FIRST + timedelta(days=day)
            there = [article for _, article in dealt if article.published <= now]
            candidates = CandidatePool(there, now=now, oldest=window(since, now), kinds=kinds)
            edition = candidates.edition(reader.taste, size=SIZE, place_from=place, since=since)
            new = [each for each in there if each.id > place]
            shown = [row_of[story.article.id] for story in edition.stories]
            events = [each.event for each in new]
            yield Sent(reader, edition, shown, [row_of[each.id] for each in new], events)
            place, since = max((each.id for each in there), default=place), now


def score(sent: Sequence[Sent]) -> dict[str, float]:
    """Return by name how many editions and stories were sent, and which shares of them were right.

    Shares are from 0 to 1: followed sections with news that were shown, and stories that are not of
    the trade or no news. `repeated` counts events that were shown again.
    """
    covered = []
    shown = [row for each in sent for row in each.rows]
    for each in sent:
        follows = each.reader.taste.follows
        news = {
            slug
            for row in each.new
            if row.trade and not row.filler
            for slug in row.sections & follows
        }
        if news:
            got = {slug for row in each.rows for slug in row.sections} & news
            covered.append(min(len(got) / min(len(news), SIZE), 1.0))
    count = max(len(shown), 1)
    return {
        "editions": sum(bool(each.rows) for each in sent),
        "stories": len(shown),
        "coverage": sum(covered) / max(len(covered), 1),
        "general": sum(not row.trade for row in shown) / count,
        "filler": sum(row.filler for row in shown) / count,
        "repeated": sum(repeated(sent)),
        **(_of_kinds(sent) if any(row.kind for row in shown) else {}),
    }


def _of_kinds(sent: Sequence[Sent]) -> dict[str, float]:
    shown = [row for each in sent for row in each.rows]
    made = [(each, _best_weights(each)) for each in sent if each.rows]
    leads = [(each.rows[0].weight, best[0]) for each, best in made]
    heavy = [lead >= _HEAVY for lead, heaviest in leads if heaviest >= _HEAVY]
    others = [row.weight for each, _ in made for row in each.rows[1:]]
    struck = left_out = 0
    for each, best in made:
        fit = [row for row in each.rows if _is_for(each.reader, row)]
        struck += sum(not row.weight or row.kind in _SOFT for row in fit)
        struck += len(each.rows) - len(fit)
        could = sum(weight >= _HEAVY for weight in best)
        left_out += max(could - sum(row.weight >= _HEAVY for row in fit), 0)
    return {
        "no_news": sum(row.kind in _NO_NEWS and not row.weight for row in shown) / len(shown),
        "heavy_leads": sum(heavy) / max(len(heavy), 1),
        "heaviest_leads": sum(lead >= heaviest for lead, heaviest in leads) / len(leads),
        "others": sum(others) / max(len(others), 1),
        "best_others": sum(sum(best[1:]) for _, best in made) / max(len(others), 1),
        "struck": struck / len(made),
        "heavy_left_out": left_out / len(made),
    }


def _is_for(reader: BenchReader, row: DealtHeadline) -> bool:
    """Return whether a headline is, by its labels, for a reader."""
    return row.trade and not reader.taste.follows.isdisjoint(row.sections | row.houses)


def _best_weights(each: Sent) -> list[float]:
    """Return the weights of the heaviest new stories for the reader, as many as were shown."""
    found: dict[int, float] = {}
    for row, event in zip(each.new, each.events, strict=True):
        if _is_for(each.reader, row):
            found[event] = max(found.get(event, 0), row.weight)
    size = len(each.rows)
    return (sorted(found.values(), reverse=True) + [0.0] * size)[:size]


def repeated(sent: Iterable[Sent]) -> Iterator[bool]:
    """Yield, for each story, whether its reader had its event or its words before."""
    events: dict[str, set[int]] = {}
    titles: dict[str, set[frozenset[str]]] = {}
    for each in sent:
        had = events.setdefault(each.reader.name, set())
        had_words = titles.setdefault(each.reader.name, set())
        for story in each.edition.stories:
            words = frozenset(content_words(story.article.title))
            yield not story.update and (story.article.event in had or words in had_words)
            had.add(story.article.event)
            had_words.add(words)


async def measure(labelled: Path | None = None) -> dict[str, float]:
    """Make the editions of the project's own set, or of another, and score them."""
    taxonomy = load()
    rows = read(labelled or LABELLED / "headlines.jsonl")
    sent = list(send(deal(rows, taxonomy), taxonomy))
    return {"articles": len(rows), **score(sent)}


def show_details(path: Path) -> None:
    """Print the editions of a set, with the stories that its labels object to."""
    taxonomy = load()
    console = Console()
    for number, each in enumerate(send(deal(read(path), taxonomy), taxonomy)):
        console.print(f"\n{each.reader.name}, day {number % DAYS + 1}", style="bold")
        for (category, story), row in zip(each.edition.placed(), each.rows, strict=True):
            against = [
                word
                for word, is_so in (
                    ("not for the trade", not row.trade),
                    ("filler", row.filler),
                    (f"{row.kind} of weight 0", row.kind and not row.weight),
                )
                if is_so
            ]
            marks = f"   <- {', '.join(against)}" if against else ""
            line = f"{category:>12}  {story.article.title}{marks}"
            console.print(line, markup=False, highlight=False, soft_wrap=True)
