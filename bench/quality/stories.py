"""`./dev bench stories`: how correctly articles are joined to events, and how fast.

Articles arrive one after the other, as sources bring them, in an empty archive. Copies are joined
to stories, and stories to events. The measure is B-cubed, averaged over articles: precision is the
share of the articles joined with an article that report its event; recall is the share of the
articles that report its event that are joined with it. An `event` of null means that the article's
event is unknown. Both figures are over the articles with an event, as if no others had come;
`b3_precision_all` is over all, each null counting as an event of its own.

The project's own set is `tests/news/labelled/events.jsonl`. `--set FILE` is measured as well, and
its wrong joins are printed. A set has lines of tab-separated `published`, `publisher`, `story` and
`title`, with these names in the first line; or one JSON object per line, with `event` instead of
`story` and optionally `standfirst` and `houses`. Without `houses`, filing finds them.
"""

from __future__ import annotations

import csv
import json
import time
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from rich.console import Console

from bench import SetError
from bench.harness.report import Metric
from bench.quality.filing import filed
from news.filing.taxonomy import load
from news.stories.duplicates import Fingerprint, Stories
from news.stories.events import Events
from news.stories.report import report_of
from news.stories.text_sketches import sketch_of
from storage.model import houses_among

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Sequence

OWN = Path(__file__).parents[2] / "tests" / "news" / "labelled" / "events.jsonl"
_SHOWN = 40

FIGURES = {
    "items": Metric("articles"),
    "clusters": Metric("events they were joined to"),
    "stories": Metric("stories, copies joined"),
    "b3_precision": Metric("B-cubed precision", at_least=0.95),
    "b3_recall": Metric("B-cubed recall", at_least=0.33),
    "b3_precision_all": Metric("B-cubed precision, each null on its own", at_least=0.95),
    "ms_per_article": Metric("processor time an article", "ms", at_most=0.3),
    "own_items": Metric("own set: articles, two languages"),
    "own_clusters": Metric("own set: events they were joined to"),
    "own_b3_precision": Metric("own set: B-cubed precision", at_least=0.95),
    "own_b3_recall": Metric("own set: B-cubed recall", at_least=0.25),
    "own_ms_per_article": Metric("own set: processor time an article", "ms"),
}


@dataclass(frozen=True, slots=True)
class Labelled:
    """An article, and the event that it reports."""

    published: datetime
    publisher: str
    event: str | None
    """The event, or None if unknown."""
    title: str
    standfirst: str = ""
    houses: frozenset[str] | None = None


class Joins(NamedTuple):
    """The result of joining a set's articles."""

    events: list[int]
    """The event of each article, in order."""
    why: list[tuple[str, ...]]
    stories: int
    seconds: float
    """Processor seconds for joining events."""


def read(path: Path) -> list[Labelled]:
    """Read the articles of a set, in the order in which they were published.

    Raises:
        SetError: The file is no such set; the message names the line.
    """
    rows = _tabbed(path) if path.suffix == ".tsv" else _objects(path)
    found: list[Labelled] = []
    while True:
        number = len(found) + 1
        try:
            row = next(rows, None)
            if row is None:
                break
            houses = row.get("houses")
            published = datetime.fromisoformat(row["published"])
            found.append(
                Labelled(
                    published if published.tzinfo else published.replace(tzinfo=UTC),
                    row["publisher"],
                    row["event"] if "event" in row else row["story"],
                    row["title"],
                    row.get("standfirst") or "",
                    None if houses is None else frozenset(houses),
                )
            )
        except (AttributeError, KeyError, TypeError, ValueError, csv.Error) as problem:
            needed = "published, publisher, story (or event) and title"
            raise SetError(f"{path.name}, row {number}: needs {needed}") from problem
    return sorted(found, key=lambda one: one.published)


def _tabbed(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)


def _objects(path: Path) -> Iterator[dict[str, str]]:
    for line in path.read_text("utf-8").splitlines():
        yield json.loads(line)


def join(articles: Sequence[Labelled]) -> Joins:
    """Join articles to events as they arrive, in an archive that starts empty."""
    taxonomy = load()
    all_houses = houses_among(taxonomy.categories)
    stories, events = Stories(), Events()
    publishers: dict[str, int] = {}
    joins = Joins([], [], 0, 0.0)
    spent, copies = 0.0, 0
    for number, one in enumerate(articles):
        houses = one.houses
        if houses is None:
            houses = frozenset(filed(taxonomy, one.title, one.standfirst).houses)
        groups = houses - all_houses
        houses &= all_houses
        groups |= {taxonomy.categories[slug].group or "" for slug in houses} - {""}
        fingerprint = Fingerprint(
            link=f"https://news.example/{number}",
            title=one.title,
            published=one.published,
            source_id=publishers.setdefault(one.publisher, len(publishers)),
            houses=houses,
            sketch=sketch_of(one.standfirst),
            story_id=number,
        )
        match = stories.match(fingerprint)
        copies += match is not None
        if match:
            fingerprint.story_id = match.story_id
        stories.add(fingerprint)
        about = [taxonomy.categories[slug] for slug in sorted(houses | groups)]
        start = time.process_time()
        report = report_of(one.title, one.standfirst, one.published, about, fingerprint.order)
        joined = events.match(report, number, match.story_id if match else None)
        spent += time.process_time() - start
        joins.events.append(joined.event if joined else number)
        joins.why.append(joined.why if joined else ())
    return joins._replace(stories=len(articles) - copies, seconds=spent)


def b_cubed(expected: Sequence[Hashable], given: Sequence[Hashable]) -> tuple[float, float]:
    """Return precision and recall of a clustering, averaged over its items; 1 for no items."""
    if not expected:
        return 1.0, 1.0
    of_expected, of_given = Counter(expected), Counter(given)
    both = Counter(zip(expected, given, strict=True))
    items = len(expected)
    return (
        sum(count * count / of_given[cluster] for (_, cluster), count in both.items()) / items,
        sum(count * count / of_expected[event] for (event, _), count in both.items()) / items,
    )


def score(articles: Sequence[Labelled], given: Sequence[int]) -> dict[str, float]:
    """Return precision and recall of the articles with an event, and precision of all."""
    events: list[Hashable] = [
        number if one.event is None else one.event for number, one in enumerate(articles)
    ]
    known = [number for number, one in enumerate(articles) if one.event is not None]
    precision, recall = b_cubed([events[at] for at in known], [given[at] for at in known])
    return {
        "b3_precision": precision,
        "b3_recall": recall,
        "b3_precision_all": b_cubed(events, given)[0],
    }


def _figures(articles: Sequence[Labelled]) -> dict[str, float]:
    joins = join(articles)
    return {
        "items": len(articles),
        "clusters": len(set(joins.events)),
        "stories": joins.stories,
        **score(articles, joins.events),
        "ms_per_article": 1000 * joins.seconds / max(len(articles), 1),
    }


async def measure(labelled: Path | None = None) -> dict[str, float]:
    """Score the project's own set, and another set first if given."""
    own = read(OWN)
    other = read(labelled) if labelled else own
    join(own)  # once before, to load the data files
    mine = _figures(own)
    return (_figures(other) if labelled else dict(mine)) | {
        f"own_{name}": mine[name] for name in mine if name not in {"stories", "b3_precision_all"}
    }


def show_details(path: Path) -> None:
    """Print wrong joins, with the signs that led to them."""
    articles = read(path)
    joins = join(articles)
    console = Console()
    first: dict[int, Labelled] = {}
    shown = 0
    for one, event, why in zip(articles, joins.events, joins.why, strict=True):
        begun = first.setdefault(event, one)
        if begun.event != one.event and None not in {begun.event, one.event}:
            shown += 1
            if shown <= _SHOWN:
                reason = ", ".join(why)
                console.print(f"{one.title}\n      joined: {begun.title}", markup=False)
                console.print(f"      same event: {reason}", markup=False, highlight=False)
    console.print(f"{shown} joined to an event that began as another", highlight=False)
