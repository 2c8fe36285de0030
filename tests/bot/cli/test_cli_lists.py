"""Lists of sources, exported from one database and imported into another."""

from __future__ import annotations

import asyncio
import os
import shutil
import stat
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.bot.conftest import LONG_ENOUGH

if TYPE_CHECKING:
    from tests.bot.conftest import Terminal

SMALL = 128 * 1024
"""The most bytes of a file: enough for SQLite's helper files, too few for a long list."""
FILE = Path(__file__).parents[3] / "news" / "sources" / "sources.toml"


async def test_the_sources_go_from_archive_to_archive_without_loss(
    terminal: Terminal, tmp_path: Path, sqlite_template: Path
) -> None:
    terminal.env["SOURCE_PACKS"] = ""  # all of them

    def make(name: str) -> str:
        return f"sqlite:///{shutil.copy(sqlite_template, tmp_path / name)}"

    make("onnews.db")
    assert "paused" in await terminal.run("sources", "pause", "WWD")
    for ending in ("toml", "opml"):
        out = tmp_path / f"list.{ending}"
        written = await terminal.run("sources", "export", str(out))
        assert "sources written to" in written
        other = make(f"{ending}.db")
        again = await terminal.run("sources", "import", str(out), DATABASE_URL=other)
        assert "0 added" in again  # the default sources are there from the start
        assert "known: WWD" in again
        await terminal.run("sources", "remove", "WWD", DATABASE_URL=other)
        back = await terminal.run("sources", "import", str(out), DATABASE_URL=other)
        assert "1 added" in back
        final = await terminal.run("sources", "export", "-", "--format", "toml", DATABASE_URL=other)
        plain = tomllib.loads(FILE.read_text("utf-8"))
        for source in plain["source"]:
            if source["name"] == "WWD":
                source["paused"] = True
        assert tomllib.loads(final) == plain


async def test_importing_a_list_reports_each_source(terminal: Terminal, tmp_path: Path) -> None:
    terminal.make()
    listed = tmp_path / "others.opml"
    listed.write_text(
        "<opml version='2.0'><body><outline text='Cooking'>"
        "<outline text='[Pans]' xmlUrl='https://pans.example/feed'/>"
        "<outline text='Decanter' xmlUrl='https://www.decanter.com/feeds.xml'/>"
        "<outline text='Bad' xmlUrl='javascript:x'/></outline></body></opml>"
    )
    output = await terminal.run("sources", "import", str(listed))
    assert "[Pans], https://pans.example/feed" in output
    assert "known: Decanter, https://www.decanter.com/feeds.xml" in output
    assert "refused: Bad javascript:x (no http or https address)" in output
    assert "not filed: [Pans] under cooking" in output
    assert "1 added, 1 known before, 1 refused" in output
    assert "[Pans]" in await terminal.run("sources", "list")


async def test_an_unreadable_list_is_one_line_and_changes_nothing(
    terminal: Terminal, tmp_path: Path
) -> None:
    terminal.make()
    bad = tmp_path / "bad.toml"
    bad.write_text('[[source]]\nname = "A"\nurl = "https://a.example/"\n[[source]]\nname = "B"\n')
    output = await terminal.run("sources", "import", str(bad), status=1)
    assert "nothing was imported" in output
    assert "source B" in output
    assert "a.example" not in await terminal.run("sources", "list")
    missing = await terminal.run("sources", "import", str(tmp_path / "none.toml"), status=1)
    assert "cannot be read" in missing
    assert "--format" in await terminal.run("sources", "export", "-", status=1)
    nowhere = await terminal.run("sources", "export", "/proc/none/x.toml", status=1)
    assert "cannot be written" in nowhere


async def test_a_list_that_brings_nothing_is_one_line_and_status_1(
    terminal: Terminal, tmp_path: Path
) -> None:
    terminal.make()
    in_file = {
        "empty.opml": ("", "it is not OPML (not opml: it is empty)"),
        "blank.toml": ("\n", "no [[source]]"),
        "other.toml": ("[[sources]]\n", "no [[source]]"),
        "letter.opml": ("Dear Anna", "it is not OPML (not opml: Dear Anna)"),
        "none.opml": ("<opml><body></body></opml>", "it has no sources"),
        "bad.opml": (
            "<opml><outline xmlUrl='http://10.0.0.1/'/><outline xmlUrl='https://me:x@a.example/'/>",
            "each source is refused",
        ),
        "broken.opml": (
            "<opml><body><outline text='A' xmlUrl='https://a.example/'",
            "it has no sources",
        ),
        "tongue.toml": (
            "[[source]]\nname = 'A'\nurl = 'https://a.example/'\nlanguage = 'klingon'",
            "source A: its language must be a code",
        ),
    }
    for name, (text, why) in in_file.items():
        (tmp_path / name).write_text(text)
        output = await terminal.run(
            "sources", "import", name, status=1, ALLOW_PRIVATE_SOURCES="false"
        )
        assert f"nothing was imported from {name}" in output
        assert why in output
    endless = await terminal.run("sources", "import", "/dev/zero", "--format", "toml", status=1)
    assert "it is larger than" in endless


def long_list(file: Path) -> Path:
    blocks = (
        f'[[source]]\nname = "No. {number}"\nurl = "https://n{number}.example/{"x" * 300}"\n'
        for number in range(600)
    )
    file.write_text("\n".join(blocks))
    return file


async def test_a_failed_export_leaves_the_earlier_file(terminal: Terminal, tmp_path: Path) -> None:
    terminal.make()
    await terminal.run("sources", "import", str(long_list(tmp_path / "long.toml")))
    folder = tmp_path / "kept"
    folder.mkdir()
    former = folder / "list.toml"
    former.write_text("the former list")
    output = await terminal.run("sources", "export", str(former), status=1, largest=SMALL)
    assert f"{former} cannot be written (File too large)" in output
    assert [(path.name, path.read_text()) for path in folder.iterdir()] == [
        ("list.toml", "the former list")
    ]
    assert "sources written" in await terminal.run("sources", "export", str(former))
    assert former.stat().st_size > SMALL


async def test_exporting_to_a_symbolic_link_replaces_its_target(
    terminal: Terminal, tmp_path: Path
) -> None:
    former = tmp_path / "former.toml"
    former.write_text("the former list")
    former.chmod(0o640)
    (tmp_path / "link.toml").symlink_to(former)
    terminal.make()
    await terminal.run("sources", "export", "link.toml")
    assert (tmp_path / "link.toml").is_symlink()
    assert "[[source]]" in former.read_text()
    assert former.stat().st_mode & 0o777 == 0o640
    # Anything but a regular file is left alone.
    await terminal.run("sources", "export", "/dev/null", "--format", "toml")
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)  # noqa: PTH116 - no path of ours


async def test_a_full_database_is_one_line_and_unchanged(
    terminal: Terminal, tmp_path: Path
) -> None:
    terminal.make()
    before = await terminal.run("sources", "list")
    output = await terminal.run(
        "sources", "import", str(long_list(tmp_path / "long.toml")), status=1, largest=SMALL
    )
    assert "onnews.db cannot be used" in output
    assert "that the disk is not full" in output
    assert len(output.splitlines()) == 1
    assert await terminal.run("sources", "list") == before


async def test_output_that_cannot_be_written_is_one_line(terminal: Terminal) -> None:
    terminal.make()
    for words in (("sources", "list"), ("sources", "export", "-", "--format", "toml")):
        full = os.open("/dev/full", os.O_WRONLY)
        process = await terminal.start_anew(*words, into=full)
        os.close(full)
        _, output = await asyncio.wait_for(process.communicate(), LONG_ENOUGH)
        assert (
            output.decode()
            == "Error: the output could not be written completely (No space left on device)\n"
        )
        assert process.returncode == 1


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
async def test_a_command_works_with_closed_standard_streams(
    terminal: Terminal, closed: str
) -> None:
    terminal.make()
    process = await asyncio.create_subprocess_exec(
        *("sh", "-c", f'exec "$0" -m bot sources list {closed}', sys.executable),
        cwd=terminal.folder,
        env=terminal.env,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    _, errors = await asyncio.wait_for(process.communicate(), LONG_ENOUGH)
    assert (process.returncode, errors) == (0, b"")
