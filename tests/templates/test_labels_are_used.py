"""Every label is used."""

from __future__ import annotations

import re
from pathlib import Path

from templates.language.labels import LABELS
from templates.language.page_texts import PAGE

HOUSE = Path(__file__).parents[2]
SPEAKERS = ("handlers/**/*.py", "digest/**/*.py", "bot/**/*.py", "templates/language/dates.py")
BUILT = re.compile(r'f"(\w+_)\{')


def test_every_label_is_used() -> None:
    code = "".join(
        path.read_text(encoding="utf-8") for files in SPEAKERS for path in HOUSE.glob(files)
    )
    beginnings = tuple(BUILT.findall(code))
    # Labels for groups are named after those for readers.
    used = {key: f'"{key}"' in code or f'"{key.removesuffix("_here")}"' in code for key in LABELS}
    silent = [key for key in LABELS if not used[key] and not key.startswith(beginnings)]
    assert silent == []


def test_every_text_of_a_page_is_used() -> None:
    pages = (*HOUSE.glob("templates/rich/*.py"), HOUSE / "templates/language/filters.py")
    code = "".join(page.read_text(encoding="utf-8") for page in pages)
    beginnings = tuple(BUILT.findall(code))
    silent = [key for key in PAGE if f'"{key}"' not in code and not key.startswith(beginnings)]
    assert silent == []
