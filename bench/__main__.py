"""`./dev bench NAME [--json] [--quick]`: the one way to measure ON News."""

from __future__ import annotations

import asyncio
import inspect
import pkgutil
from importlib import import_module

import click

import bench
from bench.report import show

NAMES = sorted(
    module.name
    for module in pkgutil.iter_modules(bench.__path__)
    if not module.ispkg and module.name not in {"__main__", "report", "processes"}
)


@click.command(help="Measure NAME and print its figures beside their goals.")
@click.argument("name", type=click.Choice(NAMES))
@click.option("--json", "as_json", is_flag=True, help="One JSON object for scripts.")
@click.option("--quick", is_flag=True, help="A tenth of the work: does it run, not how fast.")
def main(name: str, *, as_json: bool, quick: bool) -> None:
    """Run one measurement."""
    module = import_module(f"bench.{name}")
    if quick and "quick" not in inspect.signature(module.measure).parameters:
        raise click.UsageError(f"{name} is quick as it is; leave out --quick.")
    values = asyncio.run(module.measure(quick=True) if quick else module.measure())
    show(name, values, module.FIGURES, as_json=as_json)


if __name__ == "__main__":
    main()
