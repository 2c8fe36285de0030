"""Learning of `weighing.toml`: how list points and word logits are combined into a decision."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from news.filing.evidence import ENOUGH
from news.filing.weighing import Weighing, gate_signs, signs_of
from train.fitting import minimum, sparse

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from train.headline_rows import TrainingRow

KEPT, HOUSED, ADDED, ALONE = -1.3, -1.0, 0.1, 2.0
OPEN, OPEN_FOR_MARKETS = -0.2, -0.2
SURE, LIKELIEST = 0.5, -2.0
_PENALTY, _PENALTY_OF_GATE = 1.0, 10.0
"""Strength of L2 regularisation of the section and gate regressions."""
OF_THE_TRADE = frozenset(
    ("art", "beauty", "eluxury", "jewellery", "motor", "style", "tourism", "watches", "yachts")
)
"""Sections whose news is mostly relevant to the trade; the others have news of all kinds."""
_SECTION = "of "
_MOST = 6.0


def learn(
    slugs: Sequence[str],
    rows: Sequence[TrainingRow],
    learned: Sequence[Mapping[str, float]],
    part_of: Sequence[int],
) -> tuple[Weighing, dict[str, float]]:
    """Return the weights, and figures measured on headlines that were left out of training.

    Args:
        slugs: The sections.
        rows: Real headlines.
        learned: For each row, section → logit from a model that was not trained on the row.
        part_of: For each row, the number of its part in cross-validation.
    """
    parts = np.array(part_of)
    everything = _learn(slugs, rows, learned)
    given: list[set[str]] = [set()] * len(rows)
    gates = np.zeros(len(rows))
    anywhere = np.zeros(len(rows), bool)
    for part in sorted(set(part_of)):
        seen = np.flatnonzero(parts != part).tolist()
        rules = _learn(slugs, [rows[one] for one in seen], [learned[one] for one in seen])
        for place in np.flatnonzero(parts == part).tolist():
            row, says = rows[place], learned[place]
            logits = rules.logits(row.points, says)
            given[place] = _filed(row, logits, rules)
            gates[place] = rules.gate_logit(row.points, says, logits)
            anywhere[place] = bool(given[place] or rules.section_of_sure(logits, gates[place]))
    return everything, _figures(rows, given, gates, anywhere)


def toml_of(decision: Weighing) -> str:
    """Return the weights as the text of `weighing.toml`."""
    lines = ["# Made by ./dev train; do not edit. See train/ for how."]
    lines += [
        f"{name} = {getattr(decision, name)}" for name in ("kept", "housed", "added", "alone")
    ]
    lines += [
        f"{name} = {getattr(decision, name)}"
        for name in ("open", "open_for_markets", "sure", "likeliest")
    ]
    lines.append(f"of_the_trade = {sorted(decision.of_the_trade)}".replace("'", '"'))
    for table in ("signs", "sections", "gate"):
        lines += ["", f"[{table}]"]
        lines += [f'"{name}" = {value:.3f}' for name, value in getattr(decision, table).items()]
    return "\n".join(lines) + "\n"


def _learn(
    slugs: Sequence[str], rows: Sequence[TrainingRow], learned: Sequence[Mapping[str, float]]
) -> Weighing:
    signs, labels = [], []
    for row, says in zip(rows, learned, strict=True):
        if row.sections is None:
            continue
        points = {slug: row.points.words[slug] for slug in slugs if slug in row.points.words}
        enough = {slug for slug, each in points.items() if each >= ENOUGH}
        most = min(max(points.values(), default=0), _MOST)
        for slug in slugs:
            found = dict(signs_of(slug, row.points, says[slug], enough, most))
            signs.append({**found, f"{_SECTION}{slug}": 1})
            labels.append(slug in row.sections)
    weights = _fit(signs, labels, _PENALTY)
    sections = {slug: weights.pop(f"{_SECTION}{slug}", 0.0) for slug in slugs}
    rules = Weighing(
        weights,
        sections,
        {},
        OF_THE_TRADE,
        *(KEPT, HOUSED, ADDED, ALONE),
        *(OPEN, OPEN_FOR_MARKETS, SURE, LIKELIEST),
    )
    judged = [
        (gate_signs(row.points, says, rules.logits(row.points, says), OF_THE_TRADE), row.trade)
        for row, says in zip(rows, learned, strict=True)
        if row.trade is not None
    ]
    gate = _fit([one for one, _ in judged], [bool(trade) for _, trade in judged], _PENALTY_OF_GATE)
    return rules._replace(gate=gate)


def _fit(
    signs: Sequence[Mapping[str, float]], labels: Sequence[bool], penalty: float
) -> dict[str, float]:
    names = sorted({name for one in signs for name in one})
    columns = {name: place for place, name in enumerate(names)}
    rows = [{columns[name]: value for name, value in one.items() if value} for one in signs]
    features = sparse(rows, len(names))
    weights = minimum(features, np.array(labels, float), np.ones(len(rows)), penalty)
    return dict(zip(names, weights.tolist(), strict=True))


def _filed(row: TrainingRow, logits: Mapping[str, float], rules: Weighing) -> set[str]:
    filed = set()
    for slug, logit in logits.items():
        words = row.points.words.get(slug, 0)
        if logit >= rules.least(words, words + row.points.homes.get(slug, 0)):
            filed.add(slug)
    return filed


def _figures(
    rows: Sequence[TrainingRow],
    given: Sequence[set[str]],
    gates: Any,  # noqa: ANN401
    anywhere: Any,  # noqa: ANN401
) -> dict[str, float]:
    labelled = [(row.sections, one) for row, one in zip(rows, given, strict=True)]
    pairs = [(wanted, one) for wanted, one in labelled if wanted is not None]
    right = sum(len(wanted & one) for wanted, one in pairs)
    wrong = sum(len(one - wanted) for wanted, one in pairs)
    missed = sum(len(wanted - one) for wanted, one in pairs)
    judged = np.array([row.trade is not None for row in rows])
    wanted = np.array([bool(row.trade) for row in rows])
    passed = anywhere & (gates >= OPEN)
    figures = {
        "gate, area under the curve": _area(gates[judged & wanted], gates[judged & ~wanted]),
        "sections, F1": 2 * right / (2 * right + wrong + missed),
        "sections, precision": right / (right + wrong),
        "not for the trade and passed": float(passed[judged & ~wanted].mean()),
        "for the trade and lost": float(1 - passed[judged & wanted].mean()),
    }
    for lost in (0.05, 0.1, 0.15, 0.2):
        least = np.quantile(gates[judged & wanted], lost)
        share = (gates[judged & ~wanted] >= least).mean()
        figures[f"gate at {least:.2f} loses {lost} and passes"] = float(share)
    return figures


def _area(wanted: Any, others: Any) -> float:  # noqa: ANN401
    """Return how often a wanted article has a higher logit than another; a tie counts half."""
    higher = (wanted[:, None] > others).mean() + (wanted[:, None] == others).mean() / 2
    return float(higher)
