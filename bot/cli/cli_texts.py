"""The command `onnews texts`, which writes all texts of the bot to one page for review."""

from __future__ import annotations

from pathlib import Path

import click

from bot.cli.terminal import fail, spare_own_files
from bot.counted import counted


@click.command()
@click.option(
    "--language",
    "wanted",
    multiple=True,
    metavar="CODE",
    help="Only this language besides English, such as it; may be repeated.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("texts.html"),
    show_default=True,
    help="The page to write; - is standard output.",
)
def texts(wanted: tuple[str, ...], out: Path) -> None:
    """Write every text of the bot to one page.

    The page shows every message, button and name, with the languages side by side.

    Example: onnews texts --language it
    """
    from bot.texts.text_review import page  # noqa: PLC0415  # keeps --help fast
    from news.filing import taxonomy  # noqa: PLC0415  # keeps --help fast
    from templates import Renderer  # noqa: PLC0415  # keeps --help fast

    spare_own_files(out)
    renderer = Renderer(taxonomy.load().categories, username="OnNewsBot", pages=True)
    for language in wanted:
        if language not in renderer.languages:
            fail(f"there is no language {language!r}; choose from {', '.join(renderer.languages)}")
    languages = wanted or renderer.languages
    html = page(renderer, languages)
    if out == Path("-"):
        click.echo(html)
        return
    try:
        out.write_text(html, encoding="utf-8")
    except OSError as error:
        fail(f"{out} cannot be written ({error.strerror})")
    click.echo(f"{out}: every text in {counted(len({'en', *languages}), 'language')}")
