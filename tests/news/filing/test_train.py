from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from news.filing.learned import TRADE
from train import headline_rows
from train.decisions import learn
from train.fitting import fit, sparse
from train.headline_rows import number_of


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of its own for what is learned from."""
    monkeypatch.setattr(headline_rows, "REAL", tmp_path / "real.jsonl")
    monkeypatch.setattr(headline_rows, "VOCABULARY", tmp_path / "vocabulary.txt")
    return tmp_path


def test_headlines_taken_in_leave_labels_and_hashes_and_replace_equal_titles(
    folder: Path,
) -> None:
    labelled = folder / "labelled.jsonl"

    def take_in(*rows: dict[str, object]) -> int:
        labelled.write_text("\n".join(map(json.dumps, rows)), "utf-8")
        return headline_rows.add(labelled)

    usual = {"language": "en", "houses": [], "source": "a paper"}
    titles = ("Zyrtox handbags in Milan", "Zyrtox again", "More Zyrtox", "Once Quuxle")
    rows: list[dict[str, object]] = [
        {**usual, "title": title, "sections": ["style", "italy"]} for title in titles
    ]
    assert take_in(*rows) == 4
    assert take_in({**rows[3], "sections": [], "trade": False, "doubtful": True}) == 1

    kept = headline_rows.real()
    assert [row.sections for row in kept] == [{"style"}] * 3 + [frozenset()]
    assert kept[3].trade is None
    assert number_of(" zyrtox ") in kept[0].title
    assert kept[0].points.words["style"] > 0
    assert " zyrtox " in headline_rows.vocabulary()
    assert " quuxle " not in headline_rows.vocabulary()
    assert "yrtox" not in (folder / "real.jsonl").read_text("utf-8").lower()


def test_headlines_without_sections_teach_only_what_the_trade_wants(folder: Path) -> None:
    file = folder / "trade.jsonl"
    labelled: list[dict[str, object]] = [
        {"title": "Zyrtox handbags in Milan", "sections": ["style"], "trade": True},
        {"title": "Zyrtox handbags in Milan", "trade": False},
        {"title": "Trains are late again", "sections": [], "trade": True},
        {"title": "Quuxle watches in Rome", "trade": True},
        {"title": "Rain in Rome", "trade": False},
    ]
    file.write_text("\n".join(map(json.dumps, labelled)), "utf-8")

    assert headline_rows.add(file) == 5
    rows = headline_rows.real()
    assert [row.sections for row in rows] == [{"style"}, frozenset(), None, None]
    assert [row.trade for row in rows] == [False, True, True, False]

    says = [{"style": 0.5, TRADE: 1.0}] * 4
    rules, figures = learn(["style"], rows, says, [0, 1, 0, 1])
    alone, its_figures = learn(["style"], rows[:2], says[:2], [0, 1])
    assert (rules.signs, rules.sections) == (alone.signs, alone.sections)
    assert rules.gate != alone.gate
    assert figures["sections, F1"] == its_figures["sections, F1"]


def test_near_identical_titles_are_one_story() -> None:
    titles = (
        "Prada sales rise 10% in China",
        "Prada sales rise 10% in Asia",
        "Rolex opens in Rome",
    )
    rows = [headline_rows.of_text({"title": one, "sections": []}, real=False)[0] for one in titles]

    first, second, third = headline_rows.stories(rows)

    assert first == second != third


ROWS = [{one % 7: 1.0, 7 + one % 5: 0.1 * one} for one in range(40)]
"""Rows of a small matrix of twelve columns."""


def weights() -> np.ndarray:
    labels = np.array([[one % 7 < 3, one % 5 == 1] for one in range(40)], float)
    found, intercepts = fit(sparse(ROWS, 12), labels, np.ones((40, 2)), 0.1, rarity=1.2)
    return np.vstack([found, intercepts])


def test_no_weight_can_be_changed_to_lower_the_loss() -> None:
    labels = np.array([one % 7 < 3 for one in range(40)], float)[:, None]
    features = np.zeros((40, 12))
    for number, row in enumerate(ROWS):
        features[number, list(row)] = list(row.values())

    found, intercepts = fit(sparse(ROWS, 12), labels, np.ones((40, 1)), 0.1)

    likely = 1 / (1 + np.exp(-(features @ found + intercepts)))
    slopes = features.T @ (likely - labels) + 0.1 * found
    assert np.abs(slopes).max() < 0.02
    assert abs((likely - labels).sum() + 0.001 * intercepts[0]) < 0.02


def test_weights_are_the_same_to_the_last_bit_on_every_kind_of_processor() -> None:
    program = "from tests.news.filing import test_train as t; print(t.weights().tobytes().hex())"
    plain = {
        "OPENBLAS_CORETYPE": "Prescott",
        "NPY_DISABLE_CPU_FEATURES": "X86_V4 X86_V3 AVX512_SKX AVX2 FMA3",
    }
    usual = {name: value for name, value in os.environ.items() if name not in plain}

    printed = {
        subprocess.run(  # noqa: S603 - this interpreter
            [sys.executable, "-W", "ignore", "-c", program],
            cwd=Path(__file__).parents[3],
            env=usual | changed,
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for changed in ({}, plain)
    }

    assert printed == {f"{weights().tobytes().hex()}\n"}
