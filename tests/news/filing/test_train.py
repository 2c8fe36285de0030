from __future__ import annotations

import json
from typing import TYPE_CHECKING

from train import headline_rows
from train.headline_rows import number_of

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_headlines_taken_in_leave_labels_and_hashes_and_replace_the_same_titles(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(headline_rows, "REAL", tmp_path / "real.jsonl")
    monkeypatch.setattr(headline_rows, "VOCABULARY", tmp_path / "vocabulary.txt")
    labelled = tmp_path / "labelled.jsonl"

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
    assert "yrtox" not in (tmp_path / "real.jsonl").read_text("utf-8").lower()


def test_near_identical_titles_are_one_story() -> None:
    titles = (
        "Prada sales rise 10% in China",
        "Prada sales rise 10% in Asia",
        "Rolex opens in Rome",
    )
    rows = [headline_rows.of_text({"title": one, "sections": []}, real=False)[0] for one in titles]

    first, second, third = headline_rows.stories(rows)

    assert first == second != third
