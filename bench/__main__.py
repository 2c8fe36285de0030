"""The command `./dev bench NAME` with its options."""

from __future__ import annotations

import asyncio
import inspect
import pkgutil
from importlib import import_module
from pathlib import Path

import click

import bench
from bench import quality
from bench.harness.processes import BrokenRunError
from bench.harness.report import show

MODULES = {
    module.name: f"{package.__name__}.{module.name}"
    for package in (bench, quality)
    for module in pkgutil.iter_modules(package.__path__)
    if not module.ispkg and module.name != "__main__"
}
"""Name of a measurement → its module."""


@click.command(help="Measure NAME and print its figures beside their goals.")
@click.argument("name", type=click.Choice(sorted(MODULES)))
@click.option("--json", "as_json", is_flag=True, help="One JSON object for scripts.")
@click.option("--quick", is_flag=True, help="Do a tenth of the work, to see whether it runs.")
@click.option(
    "--seconds", type=click.FloatRange(min=1), help="For soak: how long; by default ten minutes."
)
@click.option(
    "--subscribers",
    type=click.IntRange(min=1_000),
    help="For plan: how many there are; by default a million.",
)
@click.option(
    "--due",
    type=click.IntRange(min=1_000),
    help="For plan: how many of them are due; by default a tenth.",
)
@click.option(
    "--before",
    metavar="COMMIT",
    help="For replicas: replace those of that commit by those of this one, under load.",
)
@click.option(
    "--backup", is_flag=True, help="For fanout: on PostgreSQL, by turns alone and beside a backup."
)
@click.option("--deaths", is_flag=True, help="For replicas: only their deaths.")
@click.option("--only", metavar="WORD", help="For flood: only the floods with WORD in their name.")
@click.option(
    "--seed",
    type=click.IntRange(min=1),
    help="For replicas: the order of the deaths; by default 1.",
)
@click.option(
    "--set",
    "labelled",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="For filing, stories, editions, faithful, matters: another labelled set; prints mistakes.",
)
def main(name: str, *, as_json: bool, **options: object) -> None:
    """Run one measurement."""
    module = import_module(MODULES[name])
    known = inspect.signature(module.measure).parameters
    options = {option: value for option, value in options.items() if value}
    for option in options:
        if option not in known:
            flag = "set" if option == "labelled" else option
            raise click.UsageError(f"{name} takes no --{flag}.")
    try:
        values = asyncio.run(module.measure(**options))
    except (bench.SetError, bench.OptionError, BrokenRunError) as problem:
        raise click.ClickException(str(problem)) from problem
    show(name, values, module.FIGURES, as_json=as_json)
    if "labelled" in options and not as_json:
        module.show_details(options["labelled"])


if __name__ == "__main__":
    main()
