"""`./dev bench matters --set FILE`: how correctly events are linked to matters.

A set has lines of JSON with `published`, `title`, `event`, `thread` and `near`: the events of a
thread are one matter; a null thread is a distractor, near to a thread. Two arrangements are
measured: with the events as given, and (`own_`) with the events that our own joining makes.

A link, from an event to the event nearest to it in its matter, is right if both are of one thread.
Precision is over links that touch a thread, recall over events that have an earlier one in their
thread. A matter is whole if all events of its thread are in it and these are three or more, over a
week or longer. The weights were fitted on the threads of one half, so the figures without a prefix
are those of the other. The baseline is the cosine of tf-idf, names weighing more, among events
that share a mark, at the threshold whose recall over the whole set is nearest to ours.
"""

from __future__ import annotations

import json
import time
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple
from zlib import crc32

from rich.console import Console

from bench import OptionError, SetError
from bench.harness.report import Metric
from bench.quality.filing import filed
from bench.quality.stories import Labelled, join
from news.filing.taxonomy import load
from news.stories.matters import event_words, nearest_of, similarity
from news.stories.report import report_of
from storage.articles.matters import A_YEAR, WITH_A_MARK
from storage.model.matter_model import EventOfMatter

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from storage.model.matter_model import EventWords

    Nearest = Callable[[EventWords, datetime, Sequence[EventOfMatter]], EventOfMatter | None]

_FULL, _A_WEEK = 3, timedelta(days=7)
_LUXURY = "luxury-retail-consumer"
_STEPS = [0.02 * step for step in range(5, 40)]
"""Thresholds of the baseline."""
FIGURES = {
    "precision": Metric("held out: precision of links", at_least=0.9),
    "luxury_precision": Metric("held out: precision, luxury and consumer goods", at_least=0.85),
    "recall": Metric("held out: recall of events with an earlier one", at_least=0.55),
    "distractors": Metric("held out: distractors put into a matter", at_most=0.03),
    "links": Metric("held out: links that touch a matter"),
    "all_precision": Metric("whole set: precision"),
    "all_luxury_precision": Metric("whole set: precision, luxury and consumer goods"),
    "all_recall": Metric("whole set: recall"),
    "all_distractors": Metric("whole set: distractors put into a matter"),
    "whole": Metric("whole set: whole matters", at_least=18),
    "full": Metric("whole set: matters that could be whole"),
    "tf_idf_precision": Metric("whole set: precision of tf-idf with names, at that recall"),
    "tf_idf_recall": Metric("whole set: its recall"),
    "tf_idf_distractors": Metric("whole set: its distractors"),
    "tf_idf_whole": Metric("whole set: its whole matters"),
    "own_precision": Metric("with our own events: precision"),
    "own_recall": Metric("with our own events: recall"),
    "own_distractors": Metric("with our own events: distractors put into a matter"),
    "events": Metric("events"),
    "ms_per_event": Metric("processor time an event", "ms"),
}


@dataclass(slots=True)
class Told:
    """An event, by its first report."""

    title: str
    standfirst: str
    begun: datetime
    thread: str | None
    near: str
    """The thread, or the one that a distractor is near to."""
    luxury: bool
    last: datetime
    """When its last report was published."""

    @property
    def held_out(self) -> bool:
        """Whether no weight was fitted on it; threads of one house are in one half."""
        return not crc32(self.near.partition("-")[0].encode()) & 1


class Links(NamedTuple):
    """What became of a set's events, by their places."""

    to: dict[int, int]
    """Event → the event nearest to it in its matter."""
    matters: list[int]
    seconds: float


def read(path: Path) -> tuple[list[Told], list[Told]]:
    """Read a set; return its events as given, and those that our own joining makes.

    Raises:
        SetError: The file is no such set; the message names the line.
    """
    rows = []
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        try:
            row = json.loads(line)
            at = datetime.fromisoformat(row["published"]).replace(tzinfo=UTC)
            rows.append((at, row["thread"] or row["near"], row["title"], row))
            row["event"]
        except (KeyError, TypeError, ValueError) as problem:
            needed = "published, title, event, thread and near"
            raise SetError(f"{path.name}, line {number}: needs {needed}") from problem
    rows.sort(key=lambda row: row[0])
    luxury = {row["thread"] for *_, row in rows if row.get("group") == _LUXURY}
    joined = join(
        [
            Labelled(at, row.get("publisher") or "", None, title, row.get("standfirst") or "")
            for at, _, title, row in rows
        ]
    ).events
    given: dict[str, Told] = {}
    own: dict[int, Told] = {}
    for (at, near, title, row), event in zip(rows, joined, strict=True):
        told = Told(title, row.get("standfirst") or "", at, row["thread"], near, near in luxury, at)
        given.setdefault(row["event"] or row["id"], told).last = at
        own.setdefault(event, told)
    return [*given.values()], [*own.values()]


def linked(events: Sequence[Told], nearest: Nearest) -> Links:
    """Link events one after the other, as the archive does."""
    taxonomy = load()
    marked: defaultdict[str, list[int]] = defaultdict(list)
    known: dict[int, EventOfMatter] = {}
    links = Links({}, [*range(len(events))], 0.0)
    spent = 0.0
    for number, one in enumerate(events):
        houses = filed(taxonomy, one.title, one.standfirst).houses
        about = [taxonomy.categories[slug] for slug in sorted(houses)]
        report = report_of(one.title, one.standfirst, one.begun, about)
        start = time.process_time()
        words = event_words(report)
        if words is None:
            continue
        among = sorted({other for mark in words.marks for other in marked[mark][-WITH_A_MARK:]})
        others = [known[each] for each in among if known[each].begun >= one.begun - A_YEAR]
        found = nearest(words, one.begun, others)
        spent += time.process_time() - start
        if found is not None:
            links.to[number] = found.event
            links.matters[number] = found.matter
        known[number] = EventOfMatter(number, links.matters[number], words.text, one.begun)
        for mark in words.marks:
            marked[mark].append(number)
    return links._replace(seconds=spent)


def score(events: Sequence[Told], links: Links, of: Callable[[Told], bool]) -> dict[str, float]:
    """Return the figures of those events that count."""
    right = touching = later = put = distractors = 0
    seen: set[str] = set()
    for number, one in enumerate(events):
        to = events[links.to[number]] if number in links.to else None
        if of(one):
            touching += to is not None and (one.thread or to.thread) is not None
            right += to is not None and one.thread is not None and one.thread == to.thread
            later += one.thread in seen
            distractors += one.thread is None
            put += to is not None and one.thread is None and to.thread is not None
        if one.thread is not None:
            seen.add(one.thread)
    return {
        "precision": right / max(touching, 1),
        "recall": right / max(later, 1),
        "distractors": put / max(distractors, 1),
        "links": touching,
    }


def whole(events: Sequence[Told], links: Links) -> tuple[int, int]:
    """Return how many matters are whole, and how many could be."""
    threads: defaultdict[str, list[int]] = defaultdict(list)
    for number, one in enumerate(events):
        if one.thread is not None:
            threads[one.thread].append(number)
    full = [
        its
        for its in threads.values()
        if len(its) >= _FULL
        and max(events[each].last for each in its) - events[its[0]].begun >= _A_WEEK
    ]
    return sum(len({links.matters[each] for each in its}) == 1 for its in full), len(full)


def by_cosine(least: float) -> Nearest:
    """Return the baseline: the event whose words are most similar, if they are enough."""

    def nearest(
        event: EventWords, _: datetime, others: Sequence[EventOfMatter]
    ) -> EventOfMatter | None:
        alike = [(similarity(event.text, other.words), other) for other in others]
        best = max(alike, default=None)
        return None if best is None or best[0] < least else best[1]

    return nearest


async def measure(labelled: Path | None = None) -> dict[str, float]:
    """Link the events of a set, and score the links."""
    if labelled is None:
        raise OptionError("matters needs --set FILE: the project has no set of its own.")
    given, own = read(labelled)
    links = linked(given, nearest_of)
    figures = score(given, links, lambda one: one.held_out)
    luxury = score(given, links, lambda one: one.held_out and one.luxury)["precision"]
    every = score(given, links, lambda _: True)
    count, full = whole(given, links)
    baselines = [linked(given, by_cosine(least)) for least in _STEPS]
    scored = [(score(given, each, lambda _: True), each) for each in baselines]
    base, theirs = min(scored, key=lambda each: abs(each[0]["recall"] - every["recall"]))
    ours = score(own, linked(own, nearest_of), lambda _: True)
    return {
        **figures,
        "luxury_precision": luxury,
        **{f"all_{name}": every[name] for name in ("precision", "recall", "distractors")},
        "all_luxury_precision": score(given, links, lambda one: one.luxury)["precision"],
        "whole": count,
        "full": full,
        **{f"tf_idf_{name}": base[name] for name in ("precision", "recall", "distractors")},
        "tf_idf_whole": whole(given, theirs)[0],
        **{f"own_{name}": ours[name] for name in ("precision", "recall", "distractors")},
        "events": len(given),
        "ms_per_event": 1000 * links.seconds / max(len(given), 1),
    }


def show_details(path: Path) -> None:
    """Print wrong links."""
    given, _ = read(path)
    console = Console()
    for number, to in linked(given, nearest_of).to.items():
        one, other = given[number], given[to]
        if one.thread != other.thread:
            console.print(f"{one.title}\n      linked: {other.title}", markup=False)
