"""`./dev train`: learn the weights of `news/filing/learned.tsv` from `headlines.jsonl` beside this.

It counts their words too, for telling events; see `word_counts`.

A logistic regression for each section; markets are called by their names. A first one, which
prefers few features (L1), selects them; a second one (L2) weighs those, so that the file is small
and quick to read.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_array
from sklearn.linear_model import LogisticRegression

from news.filing.learned import features_of, share
from news.filing.taxonomy import load
from news.filing.tokens import Text
from storage.model import Kind
from train import word_counts

HEADLINES = Path(__file__).with_name("headlines.jsonl")
WEIGHTS = Path(__file__).parents[1] / "news" / "filing" / "learned.tsv"
_LEAST_HEADLINES = 3
_SELECTING, _FITTING = 2.0, 3.0
"""How far a regression may go to fit, the smaller the less; scikit-learn calls it C."""
_LEAST_WEIGHT = 0.35
_HUNDREDTHS = 100


def main() -> None:
    """Read the headlines, learn, and write the weights."""
    data = HEADLINES.read_bytes()
    rows = [json.loads(line) for line in data.decode().splitlines()]
    slugs = sorted(category.slug for category in load().by_kind(Kind.SECTION))
    found = [features_of(Text(row["title"])) for row in rows]
    times = Counter(feature for features in found for feature in features)
    features = sorted(feature for feature, count in times.items() if count >= _LEAST_HEADLINES)
    labels = [np.array([slug in row["sections"] for row in rows]) for slug in slugs]
    weights, _ = _learn(found, features, labels, l1_ratio=1.0, C=_SELECTING)
    selected = np.any(weights, axis=0)
    features = [feature for feature, kept in zip(features, selected, strict=True) if kept]
    weights, intercepts = _learn(found, features, labels, l1_ratio=0.0, C=_FITTING)
    kept = 0
    lines = []
    for feature, column in zip(features, weights.T, strict=True):
        pairs = [
            f"{place}:{round(weight * _HUNDREDTHS)}"
            for place, weight in enumerate(column)
            if abs(weight) >= _LEAST_WEIGHT
        ]
        kept += len(pairs)
        if pairs:
            lines.append("\t".join([feature, *pairs]))
    WEIGHTS.write_text(
        "# Made by ./dev train; do not edit. See train/ for how.\n"
        f"# from train/headlines.jsonl, sha256 {hashlib.sha256(data).hexdigest()}\n"
        f"# {len(rows)} headlines of our own writing, {len(lines)} features, {kept} weights\n"
        "# The slugs; their intercepts; then each feature with place:hundredths of its weights.\n"
        + "\n".join(
            [
                "\t".join(slugs),
                "\t".join(f"{intercept:.2f}" for intercept in intercepts),
                *lines,
            ]
        )
        + "\n",
        "utf-8",
    )
    words = word_counts.write(row["title"] for row in rows)
    print(f"{words} words in {word_counts.COUNTS.name}")
    print(f"{len(lines)} features and {kept} weights in {WEIGHTS.stat().st_size:,} bytes")


def _learn(
    found: list[set[str]], features: list[str], labels: list[Any], **penalty: float
) -> tuple[Any, list[float]]:
    """A weight for each label (row) and feature (column), and each label's intercept."""
    columns = {feature: column for column, feature in enumerate(features)}
    known = [sorted(columns[feature] for feature in one if feature in columns) for one in found]
    sizes = [len(one) for one in known]
    matrix = csr_array(
        (
            np.repeat([share(size) for size in sizes], sizes),
            np.concatenate([np.array(one, dtype=np.int32) for one in known]),
            np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32),
        ),
        shape=(len(found), len(features)),
    )
    models = [
        LogisticRegression(solver="liblinear", random_state=0, **penalty).fit(matrix, label)
        for label in labels
    ]
    return (
        np.vstack([model.coef_[0] for model in models]),
        [float(model.intercept_[0]) for model in models],
    )


if __name__ == "__main__":
    main()
