"""The command `onnews migrate`, which updates the database's tables."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import click

from bot.cli.output.cli_json import print_json
from bot.cli.terminal import AS_JSON, carry_out, fail, settings
from bot.counted import counted

if TYPE_CHECKING:
    from pathlib import Path

    from storage.db.database import Database
    from storage.migrations.migrate import Step


@click.command()
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
@AS_JSON
def migrate(*, dry_run: bool, as_json: bool) -> None:
    """Update the database's tables to this version.

    The next start would do the same. An SQLite file is copied first. The bot must not be running,
    unless it runs on PostgreSQL and the new tables serve its version too.

    Example: onnews migrate --dry-run
    """
    # Imported here, because it takes half a second that `onnews --help` must not wait for.
    from storage.db.database import Database  # noqa: PLC0415
    from storage.db.outage import DatabaseError  # noqa: PLC0415

    try:
        database = Database(settings().database_url)
        if dry_run and database.path is not None and not database.path.exists():
            if as_json:
                _print(Migration(None))
            else:
                click.echo(f"There is no database {database.shown}; the first start creates it.")
            return
        found = carry_out(_work(database, dry_run=dry_run))
    except DatabaseError as error:
        fail(str(error))
    if as_json:
        _print(found)
    else:
        _show(found, database.shown, dry_run=dry_run)


@dataclass(frozen=True, slots=True)
class Migration:
    """A migration that was done, or would be.

    `revision` is that of the tables before. `busy`, only for a dry run, is the process that uses
    the database and prevents the migration.
    """

    revision: str | None
    steps: tuple[Step, ...] = ()
    kept: Path | None = None
    busy: str | None = None


async def _work(database: Database, *, dry_run: bool) -> Migration:
    # Imported here, which keeps --help fast.
    from storage.migrations import migrate  # noqa: PLC0415

    await database.open()
    try:
        found, steps = await database.revision(), await migrate.steps_for(database)
        if not steps:
            return Migration(found)
        if not dry_run:
            steps = await migrate.bring_up_by_command(database)
        kept = None
        if database.path is not None and found is not None:
            kept = migrate.copy_of(database.path, found)
        return Migration(found, steps, kept, await migrate.busy(database) if dry_run else None)
    finally:
        await database.close()


def _print(found: Migration) -> None:
    from storage.tables import schema  # noqa: PLC0415  # keeps --help fast

    print_json({**asdict(found), "head": schema.HEAD})


def _show(found: Migration, shown: str, *, dry_run: bool) -> None:
    from storage.tables import schema  # noqa: PLC0415  # keeps --help fast

    if not found.steps:
        click.echo(f"The database {shown} is up to date (revision {found.revision}).")
        return
    if dry_run:
        change = f"from revision {found.revision} to" if found.revision else "at revision"
        steps = counted(len(found.steps), "step")
        click.echo(f"The database {shown} would be updated {change} {schema.HEAD}, in {steps}:")
    else:
        click.echo(f"The database {shown} is at revision {schema.HEAD} now:")
    for step in found.steps:
        click.echo(f"  {step.revision}  {step.title}")
    if found.kept is not None:
        click.echo(f"A copy from before {'would be' if dry_run else 'is'} kept in {found.kept}.")
    if found.busy is not None:
        click.echo(f"{found.busy} uses it and has to be stopped first.")
