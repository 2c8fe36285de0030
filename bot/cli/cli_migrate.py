"""`onnews migrate`: the database brought to this version's tables, or what that would be."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import click

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

    The next start would do the same.

    Example: onnews migrate --dry-run
    """
    # Half a second that `onnews --help` need not wait for.
    from storage.db.database import Database, DatabaseError  # noqa: PLC0415

    try:
        database = Database(settings().database_url)
        if dry_run and database.path is not None and not database.path.exists():
            if as_json:
                _say(Migration(None))
            else:
                click.echo(f"There is no database {database.shown} yet; the first start makes it.")
            return
        found = carry_out(_work(database, dry_run=dry_run))
    except DatabaseError as error:
        fail(str(error))
    if as_json:
        _say(found)
    else:
        _show(found, database.shown, dry_run=dry_run)


@dataclass(frozen=True, slots=True)
class Migration:
    """What was done, or would be.

    Attributes:
        revision: That of the tables before; None where there are none.
        steps: The migrations, in their order.
        kept: Where an SQLite file is kept as it was.
        busy: Who works with it, so that it cannot be done; of a dry run only.
    """

    revision: str | None
    steps: tuple[Step, ...] = ()
    kept: Path | None = None
    busy: str | None = None


async def _work(database: Database, *, dry_run: bool) -> Migration:
    # --help need not wait for it
    from storage.migrations.migrate import bring_up_alone, busy, copy_of, steps_for  # noqa: PLC0415

    await database.open()
    try:
        found, steps = await database.revision(), await steps_for(database)
        if not steps:
            return Migration(found)
        if not dry_run:
            steps = await bring_up_alone(database)
        kept = None
        if database.path is not None and found is not None:
            kept = copy_of(database.path, found)
        return Migration(found, steps, kept, await busy(database) if dry_run else None)
    finally:
        await database.close()


def _say(found: Migration) -> None:
    from bot.cli import cli_json  # noqa: PLC0415  # --help need not wait for it
    from storage.tables import schema  # noqa: PLC0415  # as above

    cli_json.say({**asdict(found), "head": schema.HEAD})


def _show(found: Migration, shown: str, *, dry_run: bool) -> None:
    from storage.tables import schema  # noqa: PLC0415  # --help need not wait for it

    if not found.steps:
        click.echo(f"The database {shown} is up to date (revision {found.revision}).")
        return
    if dry_run:
        change = f"from revision {found.revision} to" if found.revision else "at revision"
        steps = counted(len(found.steps), "step")
        click.echo(f"The database {shown} would be brought {change} {schema.HEAD}, in {steps}:")
    else:
        click.echo(f"The database {shown} is at revision {schema.HEAD} now:")
    for step in found.steps:
        click.echo(f"  {step.revision}  {step.title}")
    if found.kept is not None:
        click.echo(f"As it was, it {'would be' if dry_run else 'is'} kept in {found.kept}.")
    if found.busy is not None:
        click.echo(f"{found.busy} works with it, and has to be stopped first.")
