"""`onnews migrate`: the database brought to this version's tables, or what that would be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from bot.terminal import carry_out, counted, fail, settings

if TYPE_CHECKING:
    from storage.database import Database


@click.command()
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
def migrate(*, dry_run: bool) -> None:
    """Bring the database to this version's tables, as the next start would."""
    # Half a second that `onnews --help` need not wait for.
    from storage.database import Database, DatabaseError  # noqa: PLC0415

    try:
        database = Database(settings().database_url)
        if dry_run and database.path is not None and not database.path.exists():
            click.echo(f"There is no database {database.shown} yet; the first start makes it.")
            return
        carry_out(_work(database, dry_run=dry_run))
    except DatabaseError as error:
        fail(str(error))


async def _work(database: Database, *, dry_run: bool) -> None:
    from storage import schema  # noqa: PLC0415  # --help need not wait for it
    from storage.migrate import bring_up_alone, busy, copy_of, steps_for  # noqa: PLC0415  # as above

    await database.open(migrate=False)
    try:
        found, steps = await database.revision(), await steps_for(database)
        if not steps:
            click.echo(f"The database {database.shown} is up to date (revision {found}).")
            return
        if dry_run:
            change = f"from revision {found} to" if found else "at revision"
            click.echo(
                f"The database {database.shown} would be brought {change} {schema.HEAD}, "
                f"in {counted(len(steps), 'step')}:"
            )
        else:
            done = await bring_up_alone(database)
            steps = done.steps
            click.echo(f"The database {database.shown} is at revision {schema.HEAD} now:")
        for step in steps:
            click.echo(f"  {step.revision}  {step.title}")
        if database.path is not None and found is not None:
            kept = "would be" if dry_run else "is"
            click.echo(f"As it was, it {kept} kept in {copy_of(database.path, found)}.")
        if dry_run and (who := await busy(database)):
            click.echo(f"{who} works with it, and has to be stopped first.")
    finally:
        await database.close()
