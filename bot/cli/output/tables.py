"""Tables that commands print."""

from __future__ import annotations

import sys

from rich.console import Console
from rich.measure import Measurement
from rich.table import Table

WIDEST = 1000
"""Columns of a table that is not printed to a terminal."""


def columns(*names: str) -> Table:
    """Return an empty table that wraps long words in a narrow terminal instead of cutting them."""
    table = Table(box=None)
    for name in names:
        table.add_column(name, overflow="fold")
    return table


def fits(out: Console, table: Table) -> bool:
    """Return whether a table fits the console without wrapping a cell."""
    endless = out.options.update(max_width=WIDEST)
    return Measurement.get(out, endless, table).maximum <= out.width


def console() -> Console:
    """Return the console for tables, as wide as the terminal.

    For pipes and files it is so wide that nothing is cut.
    """
    # Without a terminal Rich uses 80 columns, which would cut URLs.
    return Console() if sys.stdout.isatty() else Console(width=WIDEST)
