"""Write the list of tables in `docs/privacy.md` from their declarations: `./dev docs`."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from storage.tables.declaration import (
    Aged,
    Exported,
    Fate,
    ForEver,
    Until,
    WithRow,
    declaration_of,
)
from storage.tables.schema import metadata

if TYPE_CHECKING:
    from sqlalchemy import Table

    from storage.tables.declaration import Kept, NamedChat

FILE = Path(__file__).with_name("privacy.md")

MARK = "<!-- From here on, ./dev docs writes this page from the declarations of the tables. -->"
"""The line under which the page is generated; what is above it is written by hand."""

HEAD = """
| table | whose | kept | `/export` | `/forget` | in a backup | a restore forgets again |
| --- | --- | --- | --- | --- | --- | --- |
"""


def page(text: str) -> str:
    """Return the page with its generated part up to date.

    Args:
        text: The page as it is; everything up to `MARK` stays.
    """
    rows = [_row(table) for name, table in sorted(metadata.tables.items())]
    return text.partition(MARK)[0] + MARK + "\n" + HEAD + "\n".join(rows) + "\n"


def _row(table: Table) -> str:
    declared = declaration_of(table)
    export = declared.export
    cells = (
        f"`{table.name}`",
        declared.whose.value,
        _kept(declared.kept),
        f"`{export.key}`" if isinstance(export, Exported) else f"no: {export.reason}",
        "; ".join(dict.fromkeys(map(_forgotten, declared.forget))) or "kept",
        "yes" if declared.backup else "no",
        "the chat" if declared.forget and declared.backup else "nobody",
    )
    return f"| {' | '.join(cells)} |"


def _kept(kept: Kept) -> str:
    """Return in words how long rows are kept."""
    match kept:
        case ForEver():
            return "for ever"
        case WithRow(table):
            return f"as long as its row of `{table}`"
        case Until(event):
            return f"until {event}"
        case Aged(column, period, only, rule):
            long = _days(period) if isinstance(period, timedelta) else f"`{period.value}`"
            values = {n: v if isinstance(v, tuple) else (v,) for n, v in only.items()}
            which = ", ".join(
                f"`{name}` is {' or '.join(f'`{each}`' for each in some)}"
                for name, some in values.items()
            )
            conditions = "; ".join(filter(None, (which and f"if {which}", rule and f"if {rule}")))
            return f"{long} after `{column}`" + (f", {conditions}" if conditions else "")


def _days(period: timedelta) -> str:
    return "a day" if period.days == 1 else f"{period.days} days"


def _forgotten(forget: NamedChat) -> str:
    """Return in words what becomes of the rows that name a chat in one column."""
    which = ", ".join(f"`{name}` is `{value}`" for name, value in forget.only.items())
    text = forget.fate.value
    if forget.fate is Fate.CLEARED:
        text += f" in `{forget.column}`"
    return f"{text} if {which}" if which else text


if __name__ == "__main__":
    FILE.write_text(page(FILE.read_text(encoding="utf-8")), encoding="utf-8")
