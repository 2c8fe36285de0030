"""The commands `onnews doctor`, which checks everything, and `onnews health`, for containers."""

from __future__ import annotations

import os
import sys
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.markup import escape

from bot.cli.output.cli_json import print_json
from bot.cli.output.tables import columns, console
from bot.cli.terminal import AS_JSON, carry_out, named_env_file, settings
from bot.counted import counted
from bot.doctor.findings import Severity
from bot.doctor.serving import serving_state
from bot.process import logs
from bot.watching.fleet import Fleet
from storage.replicas.roles import Role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.doctor.findings import Finding
    from storage.serving.seen_replicas import SeenReplicas

MARKS = {
    Severity.OK: "[green]ok[/]",
    Severity.WARNING: "[yellow]warning[/]",
    Severity.ERROR: "[red]error[/]",
}


@click.command()
@AS_JSON
def health(*, as_json: bool) -> None:
    """Report in one line whether the running bot is healthy.

    Status is 1 if it is not. The command asks only the database, so it needs no METRICS_ADDRESS.
    `onnews doctor` checks everything.

    Example: onnews health
    """
    served = serving_state(settings().database_url)
    check, seen = served.check, served.seen
    well = check.state is Severity.OK
    if as_json:
        found = {
            "ok": well,
            "line": check.detail,
            "state": seen.beat.state if seen else None,
            "ill": seen.beat.problem if seen else None,
            "age_seconds": round(seen.age, 1) if seen else None,
            "host": seen.beat.host if seen else None,
            "pid": seen.beat.pid if seen else None,
            "replicas": _replicas(served.replicas),
            "checks": [asdict(check)],
        }
        print_json(found)
    else:
        click.echo(check.detail, err=not well)
    sys.exit(0 if well else 1)


@click.command()
@click.option("--full", is_flag=True, help="Read the whole database, however long that takes.")
@AS_JSON
def doctor(*, full: bool, as_json: bool) -> None:
    """Check the whole set-up and say what to do.

    Status is 1 if anything is wrong. It checks the token and its rights, the Bot API server, clock
    and time zones, the settings and their file's permissions, the database, disks, sources,
    workers, the last editions, ports and packages. It changes nothing, fetches no updates and may
    be used while the bot runs.

    Example: onnews doctor
    """
    # Imported here, because it takes half a second that `onnews --help` must not wait for.
    from bot.doctor.examine import Configuration, examine  # noqa: PLC0415

    configuration = Configuration.read(os.environ, named_env_file(), Path.cwd())
    # Nothing is logged, because the findings report it.
    logs.configure("CRITICAL", "text", configuration.settings.telegram_bot_token)
    checks = carry_out(examine(configuration, full=full))
    failed = any(check.state is Severity.ERROR for check in checks)
    if as_json:
        found = {"ok": not failed, "checks": [asdict(check) for check in checks]}
        print_json(found)
    else:
        _show(checks)
    sys.exit(1 if failed else 0)


def _replicas(seen: SeenReplicas | None) -> dict[str, Any] | None:
    """Return the replicas as JSON, or None on SQLite."""
    if seen is None:
        return None
    held = Counter(seen.holders.values())
    fleet = Fleet.of(seen.members, seen.holders)
    return {
        "each": [
            {
                "name": each.name,
                "version": each.version,
                "roles": [role for role in Role if each.has(role)],
                "shards": held[each.id],
                "sends": each.sends,
            }
            for each in seen.members
        ],
        "unheld_shards": fleet.unheld,
        "missing_roles": list(fleet.missing),
        "updates_waiting": seen.waiting,
    }


def _show(checks: Sequence[Finding]) -> None:
    out = console()
    table = columns("", "", "")
    table.show_header = False
    for check in checks:
        detail = escape(check.detail)
        if check.remedy:
            detail += f"\n→ {escape(check.remedy)}"
        table.add_row(MARKS[check.state], check.name, detail)
    out.print(table)
    errors = sum(check.state is Severity.ERROR for check in checks)
    warnings = sum(check.state is Severity.WARNING for check in checks)
    if errors or warnings:
        out.print(f"{counted(errors, 'error')}, {counted(warnings, 'warning')}", highlight=False)
    else:
        out.print("all is well")
