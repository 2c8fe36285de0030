"""Goes through docs/hosting.md on this machine: `./dev python -m deploy.rehearse`.

Installs an earlier revision into a clean folder, serves a reader of the playground from it as a
user without rights, installs what is here over it, and looks whether the reader is still known.
It takes some minutes and downloads what an installation does.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from playground.server import Playground

ROOT = Path(__file__).resolve().parent.parent
if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import AsyncIterator

NOBODY = 65_534
LONG_ENOUGH = 120.0
NOT_FOR_SERVERS = ("pytest", "hypothesis", "mypy", "ruff", "playwright", "tdjson", "reader")
"""Packages of developers, none of which an installed bot should bring."""


def step(text: str) -> None:
    """Say what comes."""
    sys.stdout.write(f"{time.strftime('%H:%M:%S')}  {text}\n")
    sys.stdout.flush()


def context(to: Path) -> None:
    """Copy what an image is built from, as .dockerignore says."""
    to.mkdir()
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    for line in lines:
        if not line.startswith("!"):
            continue
        source, target = ROOT / line[1:], to / line[1:]
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            target.parent.mkdir(exist_ok=True)
            shutil.copy(source, target)


def earlier(revision: str, to: Path) -> None:
    """Check an earlier revision out, to be installed as today's is."""
    packed = subprocess.run(
        ["git", "archive", revision],  # noqa: S607  # whichever git there is
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    with tarfile.open(fileobj=io.BytesIO(packed.stdout)) as archive:
        archive.extractall(to, filter="data")
    if not (to / "deploy").exists():
        (to / "deploy").mkdir()
        shutil.copy(ROOT / "deploy" / "install", to / "deploy")
        # Before workers were named in the wheel, none was installed.
        project = to / "pyproject.toml"
        text = project.read_text(encoding="utf-8")
        project.write_text(text.replace('"news", "templates"', '"news", "workers", "templates"'))


def install(source: Path, folder: Path) -> None:
    """Do what an operator types."""
    subprocess.run([source / "deploy" / "install", folder], check=True)


def is_readable(python: str) -> bool:
    """Return whether the user without rights may run a Python."""
    user = NOBODY if os.geteuid() == 0 else None
    try:
        subprocess.run(
            [Path(python).resolve(), "-c", ""],
            check=True,
            user=user,
            group=user,
            extra_groups=None if user is None else [],
        )
    except PermissionError:
        return False
    return True


class Host:
    """A machine on which the bot is installed, and the user that it runs as."""

    def __init__(self, folder: Path, town: Playground) -> None:
        self.program = folder / "program" / "bin" / "onnews"
        self.data = folder / "data"
        self.data.mkdir(mode=0o700)
        if os.geteuid() == 0:
            os.chown(self.data, NOBODY, NOBODY)
        self._env = {
            "PATH": "/usr/bin:/bin",
            "TELEGRAM_BOT_TOKEN": town.token,
            "TELEGRAM_API_URL": town.url,
            "DATABASE_URL": f"sqlite:///{self.data}/onnews.db",
        }

    async def start(self, *words: str) -> Process:
        """Run a command of the program as a user without rights."""
        user = NOBODY if os.geteuid() == 0 else None
        return await asyncio.create_subprocess_exec(
            self.program,
            *words,
            cwd=self.data,
            env=self._env,
            user=user,
            group=user,
            extra_groups=None if user is None else [],
        )

    async def run(self, *words: str) -> int:
        """Run a command to its end; gives its status."""
        process = await self.start(*words)
        return await asyncio.wait_for(process.wait(), LONG_ENOUGH)


@asynccontextmanager
async def served(host: Host) -> AsyncIterator[Process]:
    """Start the bot, wait until it says itself that it is well, and stop it as systemd does."""
    process = await host.start("run")
    try:
        async with asyncio.timeout(LONG_ENOUGH):
            while await host.run("health"):
                if process.returncode is not None:
                    sys.exit("the bot ended by itself")
                await asyncio.sleep(2)
        yield process
        begun = time.monotonic()
        process.terminate()
        status = await asyncio.wait_for(process.wait(), LONG_ENOUGH)
        step(f"SIGTERM: status {status} after {time.monotonic() - begun:.1f} s")
        if status:
            sys.exit(1)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def rehearse(before: str, folder: Path) -> None:
    """Install, serve, upgrade, serve again."""
    folder.chmod(0o755)
    step(f"installing {before}")
    earlier(before, folder / "earlier")
    install(folder / "earlier", folder / "program")
    async with Playground() as town:
        host = Host(folder, town)
        reader = town.person("Ana")
        async with served(host), asyncio.timeout(LONG_ENOUGH):
            await reader.start()
            await reader.next()
            await reader.send("/category motor")
            await reader.next()
            await reader.tap("Follow")
            await reader.next()

        step("installing this version over it")
        context(folder / "today")
        install(folder / "today", folder / "program")
        async with served(host), asyncio.timeout(LONG_ENOUGH):
            await reader.send("/category motor")
            answer = await reader.next()
            if "Follow" in answer.labels:
                sys.exit("the upgrade lost what the reader follows")
            step(f"after the upgrade the reader sees {answer.labels}")
            if await host.run("sources", "list"):
                sys.exit("the bot's commands do not work beside it")
    listed = subprocess.run(
        [folder / "program" / "bin" / "python", "-m", "pip", "list"],
        check=True,
        capture_output=True,
        text=True,
    )
    needless = [name for name in NOT_FOR_SERVERS if f"\n{name} " in listed.stdout]
    if needless:
        sys.exit(f"installed without need: {', '.join(needless)}")
    size = sum(path.lstat().st_size for path in (folder / "program").rglob("*"))
    step(f"all well; {size / 2**20:.0f} MiB installed")


def main() -> None:
    """Read what is asked, and rehearse in a folder that goes afterwards."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--before", default="HEAD~1", help="the revision to upgrade from")
    asked = parser.parse_args()
    # The Python that `deploy/install` takes.
    named = os.environ.get("PYTHON") or "python3.11"
    python = shutil.which(named) or shutil.which("python3")
    if python and not is_readable(python):
        sys.exit(
            f"rehearse: a user without rights may not read {Path(python).resolve()};"
            " name another one: PYTHON=/usr/bin/python3 ./dev python -m deploy.rehearse"
        )
    with tempfile.TemporaryDirectory(prefix="onnews-rehearsal-") as folder:
        asyncio.run(rehearse(asked.before, Path(folder)))


if __name__ == "__main__":
    main()
