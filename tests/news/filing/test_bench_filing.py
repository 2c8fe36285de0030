from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from bench import SetError
from bench.filing import headlines, show_details

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


def test_a_line_that_is_no_labelled_headline_is_named(tmp_path: Path) -> None:
    path = tmp_path / "set.jsonl"
    path.write_text('{"title": "Without labels"}\n', "utf-8")

    with pytest.raises(SetError, match=r"set\.jsonl, line 1"):
        headlines(path)
