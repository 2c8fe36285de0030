"""How figures are shown: a table for people, one JSON object for scripts."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Figure:
    """What one key of a measurement means, and what it should be.

    Attributes:
        what: The figure in words.
        unit: Its unit, such as `s` or `MiB`.
        at_most: The goal, where less is better.
        at_least: The goal, where more is better.
    """

    what: str
    unit: str = ""
    at_most: float | None = None
    at_least: float | None = None

    def goal(self) -> str:
        """The goal as it is printed."""
        if self.at_most is not None:
            return f"≤ {self.at_most:g} {self.unit}".rstrip()
        if self.at_least is not None:
            return f"≥ {self.at_least:g} {self.unit}".rstrip()
        return ""

    def met(self, value: float) -> bool | None:
        """Whether a value meets the goal; None where there is none."""
        if self.at_most is not None:
            return value <= self.at_most
        if self.at_least is not None:
            return value >= self.at_least
        return None


def show(
    name: str,
    values: Mapping[str, float],
    figures: Mapping[str, Figure],
    *,
    as_json: bool,
) -> None:
    """Print a measurement. A key without a `Figure` is printed as it is."""
    if as_json:
        print(json.dumps(dict(values)))
        return
    table = Table("figure", "key", "value", "goal", "", title=f"bench {name}")
    for key, value in values.items():
        figure = figures.get(key, Figure(key))
        met = figure.met(value)
        mark = {True: "[green]met[/]", False: "[red]missed[/]", None: ""}[met]
        number = f"{value:,.3g}" if abs(value) < 1000 else f"{value:,.0f}"
        table.add_row(figure.what, key, f"{number} {figure.unit}".rstrip(), figure.goal(), mark)
    Console().print(table)
