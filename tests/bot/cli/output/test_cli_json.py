"""`--json`, `--help` and completion of the commands."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click
import pytest
from click.testing import CliRunner

from bot.cli.cli import main
from storage.tables import schema

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.bot.conftest import Terminal


async def printed(terminal: Terminal, *words: str, status: int = 0) -> dict[str, Any]:
    """Return the JSON object that a command prints as its only line."""
    errors = terminal.folder / "errors"
    with errors.open("wb") as file:
        process = await terminal.start(*words, "--json", errors=file.fileno())
    output, _ = await process.communicate()
    assert process.returncode == status, errors.read_text()
    (line,) = output.decode().splitlines()
    found: dict[str, Any] = json.loads(line)
    return found


async def test_every_listing_command_prints_json(terminal: Terminal) -> None:
    assert await printed(terminal, "migrate", "--dry-run") == {
        "revision": None,
        "steps": [],
        "kept": None,
        "busy": None,
        "head": schema.HEAD,
    }
    tried = await printed(terminal, "sources", "test", terminal.feed)
    assert (tried["ok"], tried["problem"], tried["refused"]) == (True, "", [])
    assert {"title", "link", "published", "categories"} == set(tried["articles"][0])
    await terminal.run("sources", "add", "--unchecked", "Motor Weekly", terminal.feed)
    asked = await printed(terminal, "fetch", "Motor Weekly")
    (report,) = asked["sources"]
    assert report["name"] == "Motor Weekly"
    assert report["new"] == asked["new"] == len(tried["articles"])
    listed = await printed(terminal, "sources", "list")
    (source,) = (each for each in listed["sources"] if each["name"] == "Motor Weekly")
    assert (source["url"], source["health"]) == (terminal.feed, "fine")
    assert datetime.fromisoformat(source["last_answer"]).tzinfo == UTC
    explained = await printed(terminal, "explain", tried["articles"][0]["link"])
    assert explained["title"] == tried["articles"][0]["title"]
    assert {each["category"] for each in explained["categories"]} >= {"motor"}
    assert {"story_kind", "kind_certainty", "weight"} <= set(explained)
    day = await printed(terminal, "deliveries", "--on", "2026-06-01")
    assert (day["day"], day["sent"], day["slowest"]) == ("2026-06-01", 0, [])
    cost = await printed(terminal, "digest", "cost")
    assert (cost["runs"], cost["stars"], cost["pays"]) == ([], 0, False)


def commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name)


@pytest.mark.parametrize("path", list(commands(main)), ids=" ".join)
def test_every_command_has_an_example(path: tuple[str, ...]) -> None:
    shown = CliRunner().invoke(main, [*path, "--help"])
    assert shown.exit_code == 0
    # The demo runs from a checkout, not from a package.
    typed = "./dev demo" if path == ("demo",) else f"onnews {' '.join(path)}"
    assert f"Example: {typed}" in " ".join(shown.output.split())


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_completion_prints_a_script_for_each_shell(shell: str) -> None:
    result = CliRunner().invoke(main, ["completion", shell])
    assert result.exit_code == 0
    assert f"_ONNEWS_COMPLETE={shell}_complete" in result.output


def test_completion_offers_the_commands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMP_WORDS", "onnews sources ")
    monkeypatch.setenv("COMP_CWORD", "2")
    monkeypatch.setenv("_ONNEWS_COMPLETE", "bash_complete")
    result = CliRunner().invoke(main, prog_name="onnews")
    assert {"plain,list", "plain,pause"} <= set(result.output.splitlines())
