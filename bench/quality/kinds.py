"""`./dev bench kinds`: how well the kind and the weight of a story are told from its headline.

`--set FILE` measures the headlines of a tab-separated file with the columns `language`, `kind`,
`weight`, `title` and `standfirst`, and prints the mistakes. Without it, those that weights are
learned from are measured in five parts, each by weights that were learned without it.

Kinds are scored by the share that is right and by the mean of their F1; weights by how they
correlate with the reader's. The pick of twelve is an edition's lead: of twelve headlines drawn at
random, the share of 400 draws in which the one thought heaviest is one of the heaviest to the
reader.
"""

from __future__ import annotations

import csv
import random
from collections import defaultdict
from statistics import correlation, fmean
from typing import TYPE_CHECKING, NamedTuple

from rich.console import Console
from rich.table import Table

from bench import SetError
from bench.harness.report import Metric
from bench.quality.filing import Tally
from digest.planning.alerts import LARGE, ORDINARY
from news.filing.story_kinds import Rated, rated_texts
from storage.model import StoryKind

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

DRAWS, DRAWN, SEED = 400, 12, 44
PARTS = 5
_HEAVY = 2.0
FIGURES = {
    "kinds_right": Metric("kinds: right", at_least=0.46),
    "kinds_f1": Metric("kinds: mean of their F1"),
    "weight_correlation": Metric("weights: correlation with the reader's", at_least=0.54),
    "alerts_lost": Metric("weight 1 or more: too light for an alert", at_most=0.05),
    "large_lost": Metric("weight 2 or 3: too light to be big news"),
    "large_right": Metric("big news: weight 2 or 3"),
    "pick_of_twelve": Metric("the heaviest of twelve picked", at_least=0.53),
    "worst_language": Metric("kinds: right in the worst language, less than in all", at_most=0.1),
    "headlines": Metric("headlines"),
}


class Told(NamedTuple):
    """A labelled headline, and what was told from it."""

    language: str
    title: str
    kind: StoryKind
    weight: float
    given: Rated


def told(path: Path) -> list[Told]:
    """Read the headlines of a file and rate each.

    Raises:
        SetError: A line lacks a column or has an unknown kind; the message names the line.
    """
    found = []
    with path.open(encoding="utf-8", newline="") as lines:
        rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        for number, row in enumerate(rows, 2):
            try:
                title, kind, weight = row["title"], StoryKind(row["kind"]), float(row["weight"])
                (given,) = rated_texts([title], [row.get("standfirst") or ""])
                found.append(Told(row["language"], title, kind, weight, given))
            except (KeyError, TypeError, ValueError) as problem:
                raise SetError(
                    f"{path.name}, line {number}: needs language, kind, weight and title"
                ) from problem
    return found


def score(rows: Sequence[Told]) -> dict[str, float]:
    """Return the figures."""
    overall = _right(rows)
    worst = min(_right(its) for its in _by_language(rows).values())
    return {
        "kinds_right": overall,
        "kinds_f1": fmean(tally.f1 for tally in _tallies(rows).values()),
        "weight_correlation": _correlation(rows),
        "alerts_lost": fmean(row.given.weight < ORDINARY for row in rows if row.weight >= 1),
        "large_lost": fmean(row.given.weight < LARGE for row in rows if row.weight >= _HEAVY),
        "large_right": fmean(row.weight >= _HEAVY for row in rows if row.given.weight >= LARGE),
        "pick_of_twelve": pick(rows),
        "worst_language": overall - worst,
        "headlines": len(rows),
    }


def pick(rows: Sequence[Told]) -> float:
    """Return in which share of the draws the headline thought heaviest is one of the heaviest."""
    chance = random.Random(SEED)  # noqa: S311 - no secret
    hits = 0
    for _ in range(DRAWS):
        drawn = chance.sample(rows, min(DRAWN, len(rows)))
        best = max(drawn, key=lambda row: row.given.weight)
        hits += best.weight == max(row.weight for row in drawn)
    return hits / DRAWS


def _tallies(rows: Sequence[Told]) -> dict[StoryKind, Tally]:
    tallies: defaultdict[StoryKind, Tally] = defaultdict(Tally)
    for row in rows:
        for kind in {row.kind, row.given.kind}:
            one = frozenset({kind})
            tallies[kind].add(one & {row.kind}, one & {row.given.kind})
    return tallies


def _right(rows: Sequence[Told]) -> float:
    return fmean(row.kind is row.given.kind for row in rows)


def _by_language(rows: Sequence[Told]) -> dict[str, list[Told]]:
    return {
        language: [row for row in rows if row.language == language]
        for language in sorted({row.language for row in rows})
    }


def _correlation(rows: Sequence[Told]) -> float:
    labels, given = [row.weight for row in rows], [row.given.weight for row in rows]
    return correlation(labels, given) if min(len({*labels}), len({*given})) > 1 else 0.0


def cross_validated() -> list[Told]:
    """Return the labelled headlines of `train/`, each rated by weights learned without its part."""
    from train import kinds  # noqa: PLC0415 - needs numpy

    rows = kinds.rows()
    return [
        Told(row.language, row.row.key, row.kind, row.weight, given)
        for row, given in kinds.unseen(rows, PARTS)
        if row.kind is not None
    ]


def show_details(path: Path) -> None:
    """Print the figures by language and by kind, and every mistake."""
    console, rows = Console(), told(path)
    for row in rows:
        if row.kind is not row.given.kind:
            text = (
                f"{row.language}  {row.title}\n      {row.kind} {row.weight:.0f}, told as"
                f" {row.given.kind} ({row.given.certainty:.2f}) {row.given.weight:.1f}"
            )
            console.print(text, markup=False, highlight=False)
    table = Table("language", "headlines", "right", "correlation", "pick of twelve")
    for language, its in _by_language(rows).items():
        figures = (_right(its), _correlation(its), pick(its))
        table.add_row(language, str(len(its)), *(f"{figure:.3f}" for figure in figures))
    console.print(table)
    table = Table("kind", "headlines", "precision", "recall")
    for kind, tally in sorted(_tallies(rows).items()):
        shares = (f"{share:.3f}" for share in (tally.precision, tally.recall))
        table.add_row(kind, str(tally.right + tally.missed), *shares)
    console.print(table)


async def measure(labelled: Path | None = None) -> dict[str, float]:
    """Score the headlines of a file, or those of `train/` by cross-validation."""
    return score(told(labelled) if labelled else cross_validated())
