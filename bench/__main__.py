"""`./dev bench NAME [--json]`: the one way to measure ON News."""

from __future__ import annotations

import asyncio
import pkgutil
from importlib import import_module

import click

import bench
from bench.report import show

NAMES = sorted(
    module.name
    for module in pkgutil.iter_modules(bench.__path__)
    if module.name not in {"__main__", "report", "peers", "processes"}
)


@click.command(help="Measure NAME and print its figures beside their goals.")
@click.argument("name", type=click.Choice(NAMES))
@click.option("--json", "as_json", is_flag=True, help="One JSON object for scripts.")
def main(name: str, *, as_json: bool) -> None:
    """Run one measurement."""
    module = import_module(f"bench.{name}")
    values = asyncio.run(module.measure())
    show(name, values, module.FIGURES, as_json=as_json)


if __name__ == "__main__":
    main()
