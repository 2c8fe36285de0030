"""Docstrings describe only arguments that exist."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
FLOORS = ("bot", "handlers", "digest", "news", "workers", "templates", "storage", "playground")
SECTION = re.compile(r"^Args:\n(.*?)(?=^\S|\Z)", re.MULTILINE | re.DOTALL)
NAME = re.compile(r"^ {4}\*{0,2}(\w+):", re.MULTILINE)


def described(documented: ast.AST) -> set[str]:
    """Return the arguments that a docstring describes."""
    if not isinstance(documented, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return set()
    section = SECTION.search(ast.get_docstring(documented) or "")
    return set(NAME.findall(section.group(1))) if section else set()


def taken(documented: ast.AST) -> set[str] | None:
    """Return the arguments of a function or class, or None if they are declared elsewhere."""
    if isinstance(documented, ast.ClassDef):
        made = [each for each in documented.body if getattr(each, "name", "") == "__init__"]
        return taken(made[0]) if made else None
    if not isinstance(documented, ast.FunctionDef | ast.AsyncFunctionDef):
        return None
    of = documented.args
    every = [*of.posonlyargs, *of.args, *of.kwonlyargs, of.vararg, of.kwarg]
    return {each.arg for each in every if each is not None}


def strangers() -> Iterator[str]:
    for floor in FLOORS:
        for path in (ROOT / floor).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                names = described(node)
                known = taken(node) if names else None
                if known is not None and names - known:
                    yield f"{path.relative_to(ROOT)}: {', '.join(sorted(names - known))}"


def test_docstrings_describe_only_existing_arguments() -> None:
    assert list(strangers()) == []
