"""Output of figures: a table for people, one JSON object for scripts."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@dataclass(frozen=True, slots=True)
class Times:
    """A goal that is a multiple of another figure of the same run."""

    factor: float
    key: str


Goal = float | Times | tuple[Times, ...] | None
"""A number, a multiple of another figure, several multiples, or None for no goal."""


@dataclass(frozen=True, slots=True)
class Metric:
    """The meaning of one key of a measurement, and its goal.

    Attributes:
        what: The figure in words.
        unit: Its unit, such as `s` or `MiB`.
        at_most: The goal, if less is better.
        at_least: The goal, if more is better.
    """

    what: str
    unit: str = ""
    at_most: Goal = None
    at_least: Goal = None

    def goal(self) -> str:
        """Return the goal as it is printed."""
        return ", ".join(
            f"{sign} {self._shown(limit)}"
            for sign, goal in (("≤", self.at_most), ("≥", self.at_least))
            for limit in _limits(goal)
        )

    def met(self, value: float, others: Mapping[str, float]) -> bool | None:
        """Return whether a value meets the goal, or None if there is no goal.

        Raises:
            KeyError: The run did not measure a figure that the goal refers to.
        """
        most = [_number(limit, others) for limit in _limits(self.at_most)]
        least = [_number(limit, others) for limit in _limits(self.at_least)]
        if not most and not least:
            return None
        return all(value <= limit for limit in most) and all(value >= limit for limit in least)

    def _shown(self, limit: float | Times) -> str:
        if isinstance(limit, Times):
            return f"{limit.factor:g} · {limit.key}"
        return f"{limit:g} {self.unit}".rstrip()


def _limits(goal: Goal) -> tuple[float | Times, ...]:
    if goal is None:
        return ()
    return goal if isinstance(goal, tuple) else (goal,)


def _number(limit: float | Times, others: Mapping[str, float]) -> float:
    return limit.factor * others[limit.key] if isinstance(limit, Times) else limit


def _apart(
    values: Mapping[str, float | Mapping[str, float]],
) -> Iterator[tuple[str, str, float]]:
    """Yield each figure's key, full name and value; for a map, those of each of its parts."""
    for key, value in values.items():
        if isinstance(value, float | int):
            yield key, key, value
        else:
            yield from ((key, f"{key}.{part}", each) for part, each in value.items())


def show(
    name: str,
    values: Mapping[str, float | Mapping[str, float]],
    figures: Mapping[str, Metric],
    *,
    as_json: bool,
) -> None:
    """Print a measurement, with one line for each part of a figure that is a map.

    A key without a `Metric` is printed as it is.
    """
    if as_json:
        print(json.dumps(dict(values)))
        return
    table = Table("figure", "key", "value", "goal", "", title=f"bench {name}")
    parts = list(_apart(values))
    numbers = {own: value for _, own, value in parts}
    for of, key, value in parts:
        figure = figures.get(of, Metric(key))
        met = figure.met(value, numbers)
        mark = {True: "[green]met[/]", False: "[red]missed[/]", None: ""}[met]
        number = f"{value:,.3g}" if abs(value) < 1000 else f"{value:,.0f}"
        table.add_row(figure.what, key, f"{number} {figure.unit}".rstrip(), figure.goal(), mark)
    Console().print(table)
