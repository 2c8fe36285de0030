from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from bench import SetError
from bench.quality.editions import measure, read, show_details

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def written(path: Path, *rows: Mapping[str, object]) -> Path:
    path.write_text("\n".join(map(json.dumps, rows)), "utf-8")
    return path


async def test_our_own_editions_show_what_is_followed_once_each() -> None:
    found = await measure()
    assert found["editions"] == 35
    assert found["coverage"] >= 0.95
    assert found["repeated"] == 0


async def test_unwanted_stories_in_editions_are_counted_and_listed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    watches: dict[str, object] = {"language": "en", "sections": ["watches"], "houses": []}
    path = written(
        tmp_path / "set.jsonl",
        watches | {"title": "Rolex opens a watch workshop in Geneva"},
        watches | {"title": "Ministers discuss a watch found in the river", "trade": False},
    )
    found = await measure(path)
    assert 0 < found["general"] < 1
    show_details(path)
    assert "Ministers discuss a watch found in the river   <- not for the trade" in (
        capsys.readouterr().out
    )


def test_a_malformed_labelled_headline_is_reported_by_line(tmp_path: Path) -> None:
    with pytest.raises(SetError, match=r"set\.jsonl, row 1"):
        read(written(tmp_path / "set.jsonl", {"title": "Without labels"}))
