"""`./dev bench filing`: how correctly headlines are filed and stories joined.

The headlines in `tests/news/labelled` have the categories that a careful reader would choose;
`--set FILE` uses others and prints the mistakes. Sections and markets are scored together by F1,
markets only if the set's labels know them. Houses, and groups that a headline names itself, are
scored by precision and recall. Rows labelled as news for the trade or not measure the gate; for
rows without labels the share filed under a section is printed. Stories are scored on pairs of
headlines that people rated from 0 to 5 for sameness; a joined pair is right if its rating is 4 or
more.
"""

from __future__ import annotations

import csv
import json
import time
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from rich.console import Console
from rich.table import Table

from bench import SetError
from bench.harness.report import Metric
from news.filing.classify import classify
from news.filing.taxonomy import Taxonomy, load
from news.stories.duplicates import Fingerprint, same_news
from storage.model import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

LABELLED = Path(__file__).parents[2] / "tests" / "news" / "labelled"
PAIRS = (Path(__file__).parents[3] / "shared" / "feeds" / "headline-pairs", LABELLED / "pairs")
"""Folders of rated pairs, of which the first existing one is used.

The first is a large public set beside the project, the second a small one in it.
"""
SAME = 4.0

_NEW_HOUSES = frozenset(
    ("mango", "inditex", "topshop", "dvf", "olaplex", "kerastase", "shein", "amazon")
)
"""Houses added on 29 November 2026. Older sets have no label for them."""

FIGURES = {
    "section_f1": Metric("sections and markets: F1", at_least=0.9),
    "section_precision": Metric("sections and markets: precision"),
    "section_recall": Metric("sections and markets: recall"),
    "house_precision": Metric("houses: precision", at_least=0.92),
    "house_recall": Metric("houses: recall", at_least=0.95),
    "story_precision": Metric("pairs joined as one story: precision", at_least=0.95),
    "story_recall": Metric("pairs joined as one story: recall"),
    "gate_passed": Metric("not for the trade, but in a section", at_most=0.12),
    "gate_lost": Metric("for the trade, and in no section", at_most=0.05),
    "filed_share": Metric("without labels, in a section", at_most=0.12),
    "filed_share_with_markets": Metric("without labels, in a section or market", at_most=0.18),
    "phrases": Metric("phrases in the lists of words"),
    "headlines": Metric("headlines"),
    "pairs": Metric("rated pairs"),
    "headlines_per_s": Metric("headlines filed", "/s"),
}


@dataclass(frozen=True, slots=True)
class Headline:
    """One headline with its labels."""

    language: str
    title: str
    sections: frozenset[str]
    houses: frozenset[str]
    standfirst: str = ""
    labelled: bool = True
    trade: bool | None = None
    """Whether it is news for the trade; None if not labelled or doubtful."""


@dataclass(slots=True)
class Tally:
    """Counts of right, wrong and missing answers."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    def add(self, expected: frozenset[str], given: frozenset[str]) -> None:
        """Count one answer."""
        self.right += len(expected & given)
        self.wrong += len(given - expected)
        self.missed += len(expected - given)

    @property
    def precision(self) -> float:
        """The share of given answers that are right; 1 if none was given."""
        given = self.right + self.wrong
        return self.right / given if given else 1.0

    @property
    def recall(self) -> float:
        """The share of expected answers that were given; 1 if none was expected."""
        expected = self.right + self.missed
        return self.right / expected if expected else 1.0

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


def headlines(path: Path = LABELLED / "headlines.jsonl") -> list[Headline]:
    """Read the headlines of a file.

    Args:
        path: One JSON object per line, with `title` and, optionally, `standfirst`. A labelled one
            also has `language`, `sections` and `houses`, and may have `trade` and `doubtful`.

    Raises:
        SetError: A line is no such object; the message names the line.
    """
    rows = []
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        try:
            rows.append(_headline(json.loads(line)))
        except (KeyError, TypeError, ValueError) as problem:
            raise SetError(
                f"{path.name}, line {number}: needs title, and language, sections and houses or"
                " neither sections nor houses"
            ) from problem
    return rows


def _headline(row: dict[str, Any]) -> Headline:
    title, standfirst = row["title"], row.get("standfirst", "")
    if "sections" not in row and "houses" not in row:
        language = row.get("language", "")
        return Headline(language, title, frozenset(), frozenset(), standfirst, labelled=False)
    return Headline(
        row["language"],
        title,
        frozenset(row["sections"]),
        frozenset(row["houses"]),
        standfirst,
        trade=None if row.get("doubtful") else row.get("trade"),
    )


class Filed(NamedTuple):
    """A headline's categories, each with its reason."""

    sections: dict[str, str]
    houses: dict[str, str]


def filed(taxonomy: Taxonomy, title: str, standfirst: str = "", *, general: bool = False) -> Filed:
    """File a title: return its sections and markets, and the houses that it names."""
    found = Filed({}, {})
    for filing in classify(taxonomy, title=title, standfirst=standfirst, general=general):
        kind = taxonomy.categories[filing.category].kind
        if kind in {Kind.SECTION, Kind.MARKET}:
            found.sections[filing.category] = filing.reason
        elif kind is Kind.HOUSE or not filing.reason.startswith("group of"):
            found.houses[filing.category] = filing.reason
    return found


def score(rows: Iterable[Headline]) -> tuple[Tally, Tally]:
    """Score the filing of headlines: sections and markets, then houses."""
    taxonomy, rows = load(), list(rows)
    judged, unjudged = judged_in(rows, taxonomy), unjudged_houses(rows)
    sections, houses = Tally(), Tally()
    for row in rows:
        if not row.labelled:
            continue
        given = filed(taxonomy, row.title, row.standfirst)
        sections.add(row.sections, judged & given.sections.keys())
        houses.add(row.houses, frozenset(given.houses) - unjudged)
    return sections, houses


def gate(rows: Iterable[Headline]) -> dict[str, float]:
    """Return how much of the news for the trade, and of other news, gets into sections.

    Each row is filed as if it came from a general source. A figure is left out if no row has the
    label for it; the shares of rows without labels, if there are no such rows.
    """
    taxonomy = load()
    in_section: defaultdict[bool | None, list[bool]] = defaultdict(list)
    in_any: list[bool] = []
    for row in rows:
        if row.labelled and row.trade is None:
            continue
        kinds = {
            taxonomy.categories[slug].kind
            for slug in filed(taxonomy, row.title, row.standfirst, general=True).sections
        }
        in_section[row.trade].append(Kind.SECTION in kinds)
        if not row.labelled:
            in_any.append(bool(kinds))
    shares = {
        "gate_passed": in_section[False],
        "gate_lost": [not passed for passed in in_section[True]],
        "filed_share": in_section[None],
        "filed_share_with_markets": in_any,
    }
    return {name: sum(each) / len(each) for name, each in shares.items() if each}


def phrases() -> int:
    """Return the number of phrases in the word lists of all sections and markets."""
    return sum(
        len(words.strong) + len(words.plain) + len(words.hint) + len(words.blocks)
        for words in load().words.values()
    )


def judged_in(rows: Iterable[Headline], taxonomy: Taxonomy) -> frozenset[str]:
    """Return the sections, and the markets that some label names.

    The labels of a set say nothing about markets that were added later.
    """
    sections = {each.slug for each in taxonomy.by_kind(Kind.SECTION)}
    return frozenset(sections.union(*(row.sections for row in rows)))


def unjudged_houses(rows: Iterable[Headline]) -> frozenset[str]:
    """Return the new houses if no label names one, since the set is older than they are."""
    named = any(not _NEW_HOUSES.isdisjoint(row.houses) for row in rows)
    return frozenset() if named else _NEW_HOUSES


def show_details(path: Path) -> None:
    """Print a file's figures by section and by language, and every mistake with its reason."""
    taxonomy = load()
    console = Console()
    tallies: defaultdict[str, defaultdict[str, Tally]] = defaultdict(lambda: defaultdict(Tally))
    rows = [row for row in headlines(path) if row.labelled]
    judged, unjudged = judged_in(rows, taxonomy), unjudged_houses(rows)
    for row in rows:
        given = filed(taxonomy, row.title, row.standfirst)
        sections = judged & given.sections.keys()
        houses = frozenset(given.houses) - unjudged
        for slug in row.sections | sections:
            one = frozenset({slug})
            tallies["section"][slug].add(row.sections & one, sections & one)
        tallies["language, sections"][row.language].add(row.sections, sections)
        tallies["language, houses"][row.language].add(row.houses, houses)
        if (sections, houses) != (row.sections, row.houses):
            console.print(f"{row.language}  {row.title}", markup=False, highlight=False)
            reasons = {**given.sections, **given.houses}
            for slug in sorted((sections | houses) - row.sections - row.houses):
                console.print(f"      wrong {slug}: {reasons[slug]}", markup=False, highlight=False)
            for slug in sorted((row.sections | row.houses) - sections - houses):
                console.print(f"      missed {slug}", markup=False, highlight=False)
    for what, by_name in tallies.items():
        table = Table(what, "right", "wrong", "missed", "precision", "recall", "F1")
        for name, tally in sorted(by_name.items()):
            counts = (str(tally.right), str(tally.wrong), str(tally.missed))
            shares = (f"{share:.3f}" for share in (tally.precision, tally.recall, tally.f1))
            table.add_row(name, *counts, *shares)
        console.print(table)


def labelled_pairs(folder: Path) -> Iterator[tuple[float, str, str]]:
    """Yield the pairs of a folder: the rating of their sameness, and the two titles."""
    for path in sorted(folder.glob("*.tsv")):
        with path.open(encoding="utf-8", newline="") as lines:
            for row in csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
                if len(row) >= 3:
                    yield float(row[0]), row[1], row[2]


def joined(pairs: Iterable[tuple[float, str, str]]) -> Tally:
    """Score which pairs are joined as one story, from their titles alone."""
    taxonomy = load()
    now = datetime(2026, 1, 1, tzinfo=UTC)
    tally = Tally()
    for number, (sameness, *titles) in enumerate(pairs):
        one, other = (
            Fingerprint(
                link=f"https://{side}.example/{number}",
                title=title,
                published=now,
                source_id=side,
                houses=frozenset(filed(taxonomy, title).houses),
            )
            for side, title in enumerate(titles)
        )
        expected = frozenset({"same"} if sameness >= SAME else ())
        tally.add(expected, frozenset({"same"} if same_news(one, other) else ()))
    return tally


async def measure(pairs: Path | None = None, labelled: Path | None = None) -> dict[str, float]:
    """Score the labelled headlines and the rated pairs."""
    rows = headlines(labelled) if labelled else headlines()
    filed(load(), "once, to compile the rules")
    start = time.perf_counter()
    sections, houses = score(rows)
    seconds = time.perf_counter() - start
    folder = pairs or next(folder for folder in PAIRS if folder.is_dir())
    known = list(labelled_pairs(folder))
    stories = joined(known)
    labelled_rows = sum(row.labelled for row in rows)
    of_labels = {
        "section_f1": sections.f1,
        "section_precision": sections.precision,
        "section_recall": sections.recall,
        "house_precision": houses.precision,
        "house_recall": houses.recall,
        "headlines_per_s": labelled_rows / seconds,
    }
    return {
        **(of_labels if labelled_rows else {}),
        **gate(rows),
        "story_precision": stories.precision,
        "story_recall": stories.recall,
        "phrases": phrases(),
        "headlines": len(rows),
        "pairs": len(known),
    }
