"""Our table of licences."""

from __future__ import annotations

import re
from pathlib import Path

TABLE = (Path(__file__).parents[2] / "docs" / "licences.md").read_text()
_ROW = re.compile(r"^\| `([\w.-]+)` \| ([^|]+) \|", re.MULTILINE)


def listed() -> dict[str, str]:
    """Return package → licence, from the table."""
    return dict(_ROW.findall(TABLE))
