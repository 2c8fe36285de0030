"""`./dev train [--add FILE]`: learn the weights that filing uses.

The inputs are `headlines.jsonl`, headlines written for training, and `real.jsonl`, hashes of real
headlines. The outputs are `learned.tsv`, the weights of words, and `weighing.toml`, the weights
that combine the points of the lists with the logits of the words. `weighing.toml` is learned by
cross-validation: the real headlines are split into five parts, with all headlines of one story in
one part; the words' logits for each part come from a model trained on the other four. The printed
figures come from the same split. The words of the written headlines are also counted, for matching
events; see `word_counts`.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import numpy as np

from news.filing.learned import TRADE
from news.filing.taxonomy import load
from storage.model import Kind
from train import headline_rows, word_counts
from train.decisions import learn, toml_of
from train.fitting import fit, matrix
from train.headline_rows import LEAST_HEADLINES, REAL, VOCABULARY, WRITTEN, TrainingRow, number_of

if TYPE_CHECKING:
    from collections.abc import Sequence

FILING = Path(__file__).parents[1] / "news" / "filing"
PARTS = 5
"""Parts of the cross-validation."""
_WRITTEN = 0.3
"""Weight of a written headline in training, where a real one has 1."""
_WRITTEN_FOR_TRADE = 0.1
"""Weight of a written headline for the trade label, which is derived from its sections."""
_OF_THE_TRADE = frozenset(
    ("style", "watches", "jewellery", "beauty", "yachts", "eluxury", "art", "motor", "tourism")
)
"""Sections that make a written headline relevant to the trade."""
_PENALTY, _OF_TRADE = 0.1, 0.5
_FEATURES = 7_000
_LEAST_WEIGHT = 0.4
_HUNDREDTHS = 100


@click.command(help="Learn the weights of filing from the headlines in train/.")
@click.option(
    "--add",
    "more",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Add the labelled headlines of this file first; only hashes are stored.",
)
def main(more: Path | None) -> None:
    """Read the headlines, learn, and write the weights."""
    if more is not None:
        print(f"{headline_rows.add(more)} headlines added")
    slugs = sorted(category.slug for category in load().by_kind(Kind.SECTION))
    lanes = [*slugs, TRADE]
    own, counts = headline_rows.written()
    real = headline_rows.real()
    named = {number_of(one): one for one in headline_rows.vocabulary()}
    named |= {number_of(one): one for one, times in counts.items() if times >= LEAST_HEADLINES}
    numbers = sorted(named)
    part_of = _parts(real)
    unseen = np.zeros((len(real), len(lanes)))
    for part in range(PARTS):
        seen = [row for row, its in zip(real, part_of, strict=True) if its != part]
        left = [place for place, its in enumerate(part_of) if its == part]
        weights, intercepts = _fitted([*seen, *own], lanes, numbers)
        columns = _columns(numbers)
        unseen[left] = matrix([real[place] for place in left], columns) @ weights + intercepts
    rows = [*real, *own]
    weights, _ = _fitted(rows, lanes, numbers)
    times = np.asarray((matrix(rows, _columns(numbers)) > 0).sum(0)).ravel()
    strongest = np.argsort(-(np.abs(weights).sum(1) * np.sqrt(times)))[:_FEATURES]
    numbers = sorted(numbers[place] for place in strongest)
    weights, intercepts = _fitted(rows, lanes, numbers)
    _write([named[number] for number in numbers], lanes, weights, intercepts)
    learned = [dict(zip(lanes, row, strict=True)) for row in unseen.tolist()]
    decision, figures = learn(slugs, real, learned, part_of)
    (FILING / "weighing.toml").write_text(toml_of(decision), "utf-8")
    for what, figure in figures.items():
        print(f"{what}: {figure:.3f}")
    titles = (json.loads(line)["title"] for line in WRITTEN.read_text("utf-8").splitlines())
    print(f"{word_counts.write(titles)} words in {word_counts.COUNTS.name}")


def _fitted(
    rows: Sequence[TrainingRow], lanes: Sequence[str], numbers: Sequence[int]
) -> tuple[Any, Any]:
    labels = np.array([[_label(row, lane) for lane in lanes] for row in rows], float)
    counted = np.array([[_counts(row, lane) for lane in lanes] for row in rows])
    penalties = [_OF_TRADE if lane == TRADE else _PENALTY for lane in lanes]
    return fit(matrix(rows, _columns(numbers)), labels, counted, penalties)


def _columns(numbers: Sequence[int]) -> dict[int, int]:
    return {number: column for column, number in enumerate(numbers)}


def _label(row: TrainingRow, lane: str) -> bool:
    if lane == TRADE:
        return bool(row.trade) if row.real else not _OF_THE_TRADE.isdisjoint(row.sections)
    return lane in row.sections


def _counts(row: TrainingRow, lane: str) -> float:
    """Return the weight of a headline in training for a label."""
    if lane == TRADE:
        return float(row.trade is not None) if row.real else _WRITTEN_FOR_TRADE
    return 1.0 if row.real else _WRITTEN


def _parts(rows: Sequence[TrainingRow]) -> list[int]:
    """Return the part number of each headline, derived from the hash of its story."""
    stories = headline_rows.stories(rows)
    return [hashlib.sha256(f"{rows[story].key}".encode()).digest()[0] % PARTS for story in stories]


def _write(features: Sequence[str], lanes: Sequence[str], weights: Any, intercepts: Any) -> None:  # noqa: ANN401
    lines = []
    kept = 0
    for feature, row in zip(features, weights, strict=True):
        pairs = [
            f"{place}:{round(weight * _HUNDREDTHS)}"
            for place, weight in enumerate(row)
            if abs(weight) >= _LEAST_WEIGHT
        ]
        kept += len(pairs)
        if pairs:
            lines.append("\t".join([feature, *pairs]))
    path = FILING / "learned.tsv"
    path.write_text(
        "# Made by ./dev train; do not edit. See train/ for how.\n"
        f"# from train/, sha256 {made_from()}\n"
        f"# {len(lines)} features, {kept} weights\n"
        "# Labels; intercepts; then each feature with label number:hundredths of its weight.\n"
        + "\n".join(
            [
                "\t".join(lanes),
                "\t".join(f"{intercept:.2f}" for intercept in intercepts),
                *sorted(lines),
            ]
        )
        + "\n",
        "utf-8",
    )
    print(f"{len(lines)} features and {kept} weights in {path.stat().st_size:,} bytes")


def made_from() -> str:
    """Return the SHA-256, in hexadecimal, of all files that weights are learned from."""
    digest = hashlib.sha256()
    for path in (WRITTEN, REAL, VOCABULARY):
        digest.update(path.read_bytes())
    return digest.hexdigest()


if __name__ == "__main__":
    main()
