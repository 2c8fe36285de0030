from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from bench import SetError
from bench.quality.filing import gate, headlines, show_details

if TYPE_CHECKING:
    from pathlib import Path


def test_every_mistake_in_a_set_is_printed_with_its_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [
        {"language": "en", "title": "Gucci opens a hotel", "sections": ["style"], "houses": []},
        {"language": "it", "title": "Una giornata", "sections": ["events"], "houses": ["prada"]},
    ]
    path = tmp_path / "set.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)), "utf-8")

    show_details(path)

    printed = capsys.readouterr().out
    assert "wrong tourism: “hotel” in the title" in printed
    assert "wrong gucci: “Gucci” in the title" in printed
    assert "missed prada" in printed
    assert "language, houses" in printed


def test_rows_with_trade_and_rows_without_labels_say_what_gets_a_section(tmp_path: Path) -> None:
    labels = {"language": "en", "sections": [], "houses": []}
    rows = [
        {**labels, "title": "New watch from Rolex", "trade": True},
        {**labels, "title": "Nothing in particular", "trade": True},
        {**labels, "title": "Nothing in particular", "trade": False},
        {**labels, "title": "New watch from Rolex", "trade": False, "doubtful": True},
        {"title": "Handbag makers meet in Paris", "standfirst": "Bags by the dozen."},
        {"title": "Nothing in particular"},
    ]
    path = tmp_path / "set.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)), "utf-8")

    assert gate(headlines(path)) == {
        "gate_passed": 0,
        "gate_lost": 0.5,
        "filed_share": 0.5,
        "filed_share_with_markets": 0.5,
    }
    assert [row.labelled for row in headlines(path)] == [True] * 4 + [False] * 2


@pytest.mark.parametrize("line", ['{"standfirst": "No title"}', '{"title": "A", "houses": []}'])
def test_a_malformed_headline_is_reported_by_line(tmp_path: Path, line: str) -> None:
    path = tmp_path / "set.jsonl"
    path.write_text(f"{line}\n", "utf-8")

    with pytest.raises(SetError, match=r"set\.jsonl, line 1"):
        headlines(path)
