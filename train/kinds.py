"""Learning of the kinds of stories and their weights.

`kinds.jsonl` has hashes of real headlines, as `real.jsonl` has, with the kind and weight that a
reader gave them, with a vector of a multilingual encoder, or with both. Logistic regressions over
the labelled vectors guess the kinds and weights of the others; ridge regressions over words learn
the log-odds of labels and guesses together. Thus the encoder's knowledge of words that no labelled
headline has gets into the weights of words, and nothing but those is needed later.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from news.filing.learned import KIND, WEIGHT, load
from news.filing.story_kinds import WEIGHTS, Rated, rated
from storage.model import StoryKind
from train import headline_rows
from train.fitting import Sparse, fit, matrix, ridge, sigmoid
from train.headline_rows import HERE, TrainingRow

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

KINDS = HERE / "kinds.jsonl"
LANES = [*(f"{KIND}{kind}" for kind in StoryKind), *(f"{WEIGHT}{least}" for least in WEIGHTS)]
_OF_VECTORS, _OF_WORDS = 10.0, 3.0
"""Strength of regularisation over vectors, and over words."""
_OWN, _LABELLED = 0.5, 4.0
"""Share of its own label in what a labelled headline teaches, and its weight beside a guessed one.
"""
_LENGTH = 6.0
"""Usual length of a vector."""
_SUREST, _DIGITS = 0.995, 4
"""Highest probability that is taught, and decimal places of its logarithm, which differ after it.
"""


@dataclass(frozen=True, slots=True)
class KindRow:
    """One headline: its hashed features, and its labels or its vector."""

    row: TrainingRow
    kind: StoryKind | None = None
    weight: float = 0.0
    vector: bytes = b""
    """Signed bytes."""
    language: str = ""


def rows() -> list[KindRow]:
    """Return the headlines; those of this project have their features in `headlines.jsonl`."""
    own = {row.key: row for row in headline_rows.written()[0]}
    lines = KINDS.read_text("utf-8").splitlines() if KINDS.exists() else []
    return [_unpacked(json.loads(line), own) for line in lines]


def add(path: Path) -> int:
    """Add the rows of a file that have a kind or a vector, and return how many these are.

    Args:
        path: `title`, `language`, and optionally `standfirst`, `kind` with `weight`, `vector` and
            `source`; tab-separated with a header, or one JSON object per line.
    """
    with path.open(encoding="utf-8", newline="") as file:
        if path.suffix == ".tsv":
            given = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
        else:
            given = list(map(json.loads, file))
    own = {row.key for row in headline_rows.written()[0]}
    kept = {row.row.key: row for row in rows()}
    added = [one for one in given if one.get("kind") or one.get("vector")]
    for one in added:
        text = {name: one.get(name) or "" for name in ("title", "standfirst", "source")}
        row = replace(headline_rows.of_text(text, real=False)[0], origin=text["source"])
        known = kept.get(row.key, KindRow(row))
        vector = np.array(one.get("vector") or [], np.int8).tobytes()
        kept[row.key] = KindRow(
            row,
            StoryKind(one["kind"]) if one.get("kind") else known.kind,
            float(one["weight"]) if one.get("kind") else known.weight,
            vector or known.vector,
            one.get("language", ""),
        )
    lines = [json.dumps(_packed(row, own)) for row in kept.values()]
    KINDS.write_text("".join(f"{line}\n" for line in lines), "utf-8")
    return len(added)


def learn(given: Sequence[KindRow], features: Sequence[int]) -> tuple[Any, Any]:
    """Return the weights (features by `LANES`) and the intercepts.

    Args:
        given: The headlines; those with neither label nor vector are left out.
        features: Hashes of the features that may have weights.
    """
    given = [row for row in given if row.kind or row.vector]
    columns = {number: column for column, number in enumerate(features)}
    is_labelled = np.array([row.kind is not None for row in given])
    labels = np.array(
        [
            [*(row.kind is kind for kind in StoryKind), *(row.weight >= one for one in WEIGHTS)]
            for row in given
        ],
        float,
    )
    guessed = _guessed([row.vector for row in given], labels, is_labelled)
    own = np.array([(1.0 if not row.vector else _OWN) if row.kind else 0.0 for row in given])
    likely = labels * own[:, None] + guessed * (1 - own[:, None])
    likely = np.clip(likely, 1 - _SUREST, _SUREST)
    logits = np.round(np.log(likely / (1 - likely)), _DIGITS)
    counted = np.where(is_labelled, _LABELLED, 1.0)
    return ridge(matrix([row.row for row in given], columns), logits, counted, _OF_WORDS)


def unseen(given: Sequence[KindRow], parts: int) -> list[tuple[KindRow, Rated]]:
    """Return the labelled headlines, rated by what was learned without any of their part.

    All headlines of a story are in one part, which the hash of the first one names.
    """
    labelled = [row for row in given if row.kind]
    stories = headline_rows.stories([row.row for row in labelled])
    keys = [f"kinds {labelled[story].row.key}" for story in stories]
    part_of = [hashlib.sha256(key.encode()).digest()[0] % parts for key in keys]
    features = sorted(map(headline_rows.number_of, load().features))
    found = []
    for part in range(parts):
        left = [row for row, its in zip(labelled, part_of, strict=True) if its == part]
        without = {id(row) for row in left}
        weights, intercepts = learn([row for row in given if id(row) not in without], features)
        words = matrix([row.row for row in left], {one: at for at, one in enumerate(features)})
        answers = [words.times(each) for each in weights.T]
        for place, row in enumerate(left):
            logits = [float(answer[place]) for answer in answers] + intercepts
            found.append((row, rated(dict(zip(LANES, logits.tolist(), strict=True)))))
    return found


def _guessed(vectors: Sequence[bytes], labels: Any, is_labelled: Any) -> Any:  # noqa: ANN401
    """Return what a regression over the vectors says, learned from the labelled ones."""
    guessed = np.zeros(labels.shape)
    have = np.array([bool(one) for one in vectors])
    known = have & is_labelled
    if not known.any():
        return guessed
    numbers = np.array([np.frombuffer(one, np.int8) for one in vectors if one], float)
    numbers *= _LENGTH / np.sqrt((numbers**2).sum(1).mean())
    seen = _dense(numbers[is_labelled[have]])
    weights, intercepts = fit(seen, labels[known], np.ones(labels[known].shape), _OF_VECTORS)
    for place, intercept in enumerate(intercepts):
        guessed[have, place] = sigmoid((numbers * weights[:, place]).sum(1) + intercept)
    return guessed


def _dense(numbers: Any) -> Sparse:  # noqa: ANN401
    rows, columns = np.indices(numbers.shape)
    return Sparse(rows.ravel(), columns.ravel(), numbers.ravel(), numbers.shape)


def _packed(row: KindRow, own: set[str]) -> dict[str, Any]:
    hashed = {} if row.row.key in own else headline_rows.hashed(row.row)
    kept = {
        "key": row.row.key,
        "from": row.row.origin,
        "language": row.language,
        "kind": row.kind,
        "weight": row.weight,
        "vector": base64.b64encode(row.vector).decode(),
        **hashed,
    }
    return {name: value for name, value in kept.items() if value}


def _unpacked(kept: dict[str, Any], own: dict[str, TrainingRow]) -> KindRow:
    return KindRow(
        own[kept["key"]] if "title" not in kept else headline_rows.of_hashes(kept),
        StoryKind(kept["kind"]) if "kind" in kept else None,
        kept.get("weight", 0.0),
        base64.b64decode(kept.get("vector", "")),
        kept.get("language", ""),
    )
