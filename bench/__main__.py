"""The command `./dev bench NAME [--json] [--quick] [--seconds N] [--set FILE]`."""

from __future__ import annotations

import asyncio
import inspect
import pkgutil
from importlib import import_module
from pathlib import Path

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
@click.option("--quick", is_flag=True, help="Do a tenth of the work, to see whether it runs.")
@click.option(
    "--seconds", type=click.FloatRange(min=1), help="For soak: how long; by default ten minutes."
)
@click.option(
    "--set",
    "labelled",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="For filing, stories, editions: measure another labelled set; prints the mistakes too.",
)
def main(
    name: str, *, as_json: bool, quick: bool, seconds: float | None, labelled: Path | None
) -> None:
    """Run one measurement."""
    module = import_module(f"bench.{name}")
    known = inspect.signature(module.measure).parameters
    if quick and "quick" not in known:
        raise click.UsageError(f"{name} has no quick variant; leave out --quick.")
    if labelled and "labelled" not in known:
        raise click.UsageError(f"{name} measures no labelled set; leave out --set.")
    if seconds and "seconds" not in known:
        raise click.UsageError(f"{name} has a fixed length; leave out --seconds.")
    options: dict[str, object] = {"quick": True} if quick else {}
    if seconds:
        options["seconds"] = seconds
    if labelled:
        options["labelled"] = labelled
    try:
        values = asyncio.run(module.measure(**options))
    except bench.SetError as problem:
        raise click.ClickException(str(problem)) from problem
    show(name, values, module.FIGURES, as_json=as_json)
    if labelled and not as_json:
        module.show_details(labelled)


if __name__ == "__main__":
    main()
