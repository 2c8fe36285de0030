"""`./dev train [--add FILE]`: learn the weights that filing uses.

The inputs are `headlines.jsonl`, headlines written for training, and `real.jsonl`, hashes of real
headlines; `kinds.jsonl` teaches kinds of stories (see `kinds`). The outputs are `learned.tsv`, the
weights of words, and `weighing.toml`, the weights that combine the points of the lists with the
logits of the words. `weighing.toml` is learned by cross-validation: the real headlines are split
into five parts, with all headlines of one story in one part; the words' logits for each part come
from a model trained on the other four. The printed figures come from the same split. The words of
the written headlines are also counted, for matching events; see `word_counts`.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import numpy as np

from news.filing.learned import LETTERS, TRADE
from news.filing.taxonomy import load
from storage.model import Kind
from train import headline_rows, kinds, word_counts
from train.decisions import OF_THE_TRADE, learn, toml_of
from train.fitting import fit, matrix
from train.headline_rows import LEAST_HEADLINES, REAL, VOCABULARY, WRITTEN, TrainingRow, number_of

if TYPE_CHECKING:
    from collections.abc import Sequence

FILING = Path(__file__).parents[1] / "news" / "filing"
PARTS = 5
"""Parts of the cross-validation."""
_WRITTEN = 0.2
"""Weight of a written headline in training, where a real one has 1."""
_WRITTEN_FOR_TRADE, _DERIVED = 0.4, 0.1
"""Weight of a written headline for the trade label: its own, and derived from its sections."""
_PENALTY, _OF_TRADE = 0.1, 0.5
_RARITY, _OF_TRADE_RARITY = 0.6, 1.2
"""How much more a rare feature may weigh for sections and for the trade; see `fitting.fit`."""
_FEATURES, _FEATURES_OF_TRADE = 12_000, 18_000
"""Features kept for the sections together, and for the trade label."""
_LEAST_WEIGHT, _LEAST_OF_TRADE, _LEAST_OF_KINDS = 0.25, 0.2, 0.2
_TENTHS = 10


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
        print(f"{headline_rows.add(more)} headlines added, {kinds.add(more)} with kinds or vectors")
    slugs = sorted(category.slug for category in load().by_kind(Kind.SECTION))
    lanes = [TRADE, *slugs]
    own, counts = headline_rows.written()
    real = headline_rows.real()
    named = {number_of(one): one for one in headline_rows.vocabulary()}
    times = Counter(number for row in real for number in row.title | row.standfirst)
    for one, count in counts.items():
        number = number_of(one)
        if count + times[number] >= LEAST_HEADLINES:
            named[number] = one
    numbers = sorted(named)
    part_of = _parts(real)
    unseen = np.zeros((len(real), len(lanes)))
    for part in range(PARTS):
        seen = [row for row, its in zip(real, part_of, strict=True) if its != part]
        left = [place for place, its in enumerate(part_of) if its == part]
        kept, weights, intercepts = _strongest([*seen, *own], lanes, numbers)
        columns = _columns(kept)
        features = matrix([real[place] for place in left], columns)
        for place, intercept in enumerate(intercepts):
            unseen[left, place] = features.times(weights[:, place]) + intercept
    kept, weights, intercepts = _strongest([*real, *own], lanes, numbers)
    of_kinds, bases = kinds.learn(kinds.rows(), kept)
    strong = np.where(np.abs(of_kinds) >= _LEAST_OF_KINDS, np.rint(of_kinds * _TENTHS) / _TENTHS, 0)
    _write(
        [named[number] for number in kept],
        [*lanes, *kinds.LANES],
        np.hstack([weights, strong]),
        [*intercepts, *bases],
    )
    learned = [dict(zip(lanes, row, strict=True)) for row in unseen.tolist()]
    decision, figures = learn(slugs, real, learned, part_of)
    (FILING / "weighing.toml").write_text(toml_of(decision), "utf-8")
    for what, figure in figures.items():
        print(f"{what}: {figure:.3f}")
    written = map(json.loads, WRITTEN.read_text("utf-8").splitlines())
    titles = (row["title"] for row in written if "trade" not in row)
    print(f"{word_counts.write(titles)} words in {word_counts.COUNTS.name}")


def _fitted(
    rows: Sequence[TrainingRow], lanes: Sequence[str], numbers: Sequence[int], rarity: float
) -> tuple[Any, Any]:
    labels = np.array([[_label(row, lane) for lane in lanes] for row in rows], float)
    counted = np.array([[_counts(row, lane) for lane in lanes] for row in rows])
    penalty = _OF_TRADE if TRADE in lanes else _PENALTY
    return fit(matrix(rows, _columns(numbers)), labels, counted, penalty, rarity)


def _strongest(
    rows: Sequence[TrainingRow], lanes: Sequence[str], numbers: Sequence[int]
) -> tuple[list[int], Any, Any]:
    """Return the features that are kept, their weights without weak ones, and the intercepts."""
    weights = np.zeros((len(numbers), len(lanes)))
    intercepts = np.zeros(len(lanes))
    times = np.sqrt(matrix(rows, _columns(numbers)).counts())
    sections = [lane for lane in lanes if lane != TRADE]
    for group, most, least, rarity in (
        ([TRADE], _FEATURES_OF_TRADE, _LEAST_OF_TRADE, _OF_TRADE_RARITY),
        (sections, _FEATURES, _LEAST_WEIGHT, _RARITY),
    ):
        first, _ = _fitted(rows, group, numbers, rarity)
        best = np.argsort(-(np.abs(first).sum(1) * times), kind="stable")[:most]
        kept = np.sort(best).tolist()
        found, base = _fitted(rows, group, [numbers[place] for place in kept], rarity)
        places = [lanes.index(lane) for lane in group]
        strong = np.where(np.abs(found) >= least, found, 0)
        weights[np.ix_(kept, places)] = np.rint(strong * _TENTHS) / _TENTHS
        intercepts[places] = base
    used = np.flatnonzero(weights.any(1)).tolist()
    return [numbers[place] for place in used], weights[used], intercepts


def _columns(numbers: Sequence[int]) -> dict[int, int]:
    return {number: column for column, number in enumerate(numbers)}


def _label(row: TrainingRow, lane: str) -> bool:
    if lane == TRADE:
        if row.real or row.trade is not None:
            return bool(row.trade)
        return not OF_THE_TRADE.isdisjoint(row.sections or ())
    return lane in (row.sections or ())


def _counts(row: TrainingRow, lane: str) -> float:
    """Return the weight of a headline in training for a label."""
    if lane == TRADE:
        if row.real:
            return float(row.trade is not None)
        return _DERIVED if row.trade is None else _WRITTEN_FOR_TRADE
    if row.sections is None:
        return 0.0
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
            f"{LETTERS[place]}{round(weight * _TENTHS)}"
            for place, weight in enumerate(row)
            if weight
        ]
        kept += len(pairs)
        lines.append(f"{feature}\t{''.join(pairs)}")
    path = FILING / "learned.tsv"
    path.write_text(
        "# Made by ./dev train; do not edit. See train/ for how.\n"
        f"# from train/, sha256 {made_from()}\n"
        f"# {len(lines)} features, {kept} weights\n"
        "# Labels; intercepts; then each feature with letters of labels and tenths of weights.\n"
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
    for path in (WRITTEN, REAL, VOCABULARY, kinds.KINDS):
        digest.update(path.read_bytes())
    return digest.hexdigest()


if __name__ == "__main__":
    main()
