"""Every name has one meaning and is defined in one place."""

from __future__ import annotations

import ast
from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ROOT = Path(__file__).parent.parent
FOLDERS = (
    *("bot", "handlers", "digest", "news", "workers", "templates", "storage", "playground"),
    *("bench", "train", "deploy", "docs", "tests"),
)
SAY_NOTHING = frozenset({"told", "said", "stands"})
"""Names too vague for a module, class, function or variable."""
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


class Names(ast.NodeVisitor):
    """The names that a file defines."""

    def __init__(self) -> None:
        self.classes: list[str] = []
        self.modules: dict[str, str] = {}
        """Modules of ours that it imports at its top: local name → own name."""
        self.locals: set[str] = set()
        """Arguments and variables of its functions."""
        self.all: set[str] = set()
        """Arguments, variables and attributes."""
        self._inside = False

    def visit(self, node: ast.AST) -> None:
        """Record the names that a node defines, then visit its children."""
        if isinstance(node, ast.ClassDef):
            self.classes.append(node.name)
        elif isinstance(node, ast.Attribute):
            self.all.add(node.attr)
        elif isinstance(node, ast.ImportFrom | ast.Import):
            if not self._inside:
                self.modules.update(imported(node))
        elif name := bound(node):
            self.all.add(name)
            if self._inside:
                self.locals.add(name)
        outside, self._inside = self._inside, self._inside or isinstance(node, _FUNCTIONS)
        self.generic_visit(node)
        self._inside = outside


def bound(node: ast.AST) -> str | None:
    """Return the name that a node binds to a value."""
    if isinstance(node, ast.Name):
        return node.id if isinstance(node.ctx, ast.Store) else None
    if isinstance(node, ast.arg):
        return node.arg
    return node.name if isinstance(node, ast.ExceptHandler) else None


@cache
def is_module(name: str) -> bool:
    """Return whether a dotted name is a module or package of this project."""
    path = ROOT / name.replace(".", "/")
    return path.with_suffix(".py").is_file() or (path / "__init__.py").is_file()


def imported(node: ast.ImportFrom | ast.Import) -> Iterator[tuple[str, str]]:
    """Yield the project's modules that a statement imports: local name and own name."""
    for name in node.names:
        if isinstance(node, ast.Import):
            if name.asname and is_module(name.name):
                yield name.asname, name.name
        elif is_module(f"{node.module}.{name.name}"):
            yield name.asname or name.name, name.name


@cache
def everywhere() -> Mapping[str, Names]:
    """Return the names in every Python file, by its path."""
    found: dict[str, Names] = {}
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            names = found[path.relative_to(ROOT).as_posix()] = Names()
            names.visit(ast.parse(path.read_text("utf-8")))
    return found


def ours() -> Mapping[str, Names]:
    """Return all files but the tests, whose fakes share the names of what they replace."""
    return {path: names for path, names in everywhere().items() if not path.startswith("tests/")}


def test_modules_of_one_floor_have_distinct_names() -> None:
    found: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for path in ours():
        if Path(path).stem not in {"__init__", "__main__"} and not path.startswith("bench/"):
            found[path.split("/")[0], Path(path).stem].append(path)

    assert [paths for paths in found.values() if len(paths) > 1] == []


def test_classes_have_distinct_names() -> None:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for path, names in ours().items():
        for name in names.classes:
            found[name].append(path)

    assert {name: paths for name, paths in found.items() if len(paths) > 1} == {}


def test_every_module_is_imported_by_its_own_name() -> None:
    assert [
        f"{path}: {name} as {local}"
        for path, names in everywhere().items()
        for local, name in names.modules.items()
        if local != name
    ] == []


def test_no_local_name_hides_a_module() -> None:
    assert [
        f"{path}: {name}"
        for path, names in everywhere().items()
        for name in sorted(names.locals & names.modules.keys())
    ] == []


def test_no_module_or_class_has_a_vague_name() -> None:
    assert [
        f"{path}: {name}"
        for path, names in everywhere().items()
        for name in sorted(names.all & SAY_NOTHING)
    ] == []
