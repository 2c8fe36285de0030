"""`./dev lock`: write `requirements/*.txt` anew from `pyproject.toml`.

Versions stay as they are as far as pyproject.toml lets them; `./dev lock --upgrade` takes the
newest of all, `./dev lock --upgrade-package NAME` of one.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
LOCKS = ROOT / "requirements"
OURS = "on-news["
SETS = ("run", "playground", "dev", "bench", "train", "release", "build")
"""A file each: the program, an extra of pyproject.toml each, and what builds the program."""


def wanted(name: str) -> list[str]:
    """What a set has to hold, beside all that needs in turn."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    if name == "build":
        return list(project["build-system"]["requires"])
    if name == "run":
        return list(project["project"]["dependencies"])
    extra = project["project"]["optional-dependencies"][name]
    return [line for line in extra if not line.startswith(OURS)]


def main(options: list[str]) -> None:
    """Choose one version of each package for all sets, then write a file for each."""
    LOCKS.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        chosen = Path(folder) / "chosen.txt"
        # What is there already is preferred.
        lines = {line for path in LOCKS.glob("*.txt") for line in path.read_text().splitlines()}
        pins = sorted(line.removesuffix(" \\") for line in lines if line[:1].isalnum())
        chosen.write_text("\n".join(pins))
        _compile([line for name in SETS for line in wanted(name)], chosen, *options)
        for name in SETS:
            file = LOCKS / f"{name}.txt"
            file.unlink(missing_ok=True)
            _compile(wanted(name), file, "--generate-hashes", "--constraints", str(chosen))


_UV = (
    *("uv", "pip", "compile", "-", "--quiet", "--universal", "--python-version", "3.11"),
    *("--no-annotate", "--custom-compile-command", "./dev lock"),
)


def _compile(lines: list[str], file: Path, *options: str) -> None:
    subprocess.run(
        [*_UV, "--output-file", str(file), *options],
        input="\n".join(lines),
        text=True,
        check=True,
    )


if __name__ == "__main__":
    main(sys.argv[1:])
