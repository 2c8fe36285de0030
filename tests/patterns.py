"""The compiled patterns of modules that meet foreign text, their uses, and hostile texts."""

from __future__ import annotations

import ast
import dataclasses
import importlib
import inspect
import pkgutil
import re
from collections import defaultdict
from functools import cache
from random import Random
from re import _compiler as compiler  # type: ignore[attr-defined]
from re import _constants as ops  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import ModuleType

FLOORS = ("news", "storage", "templates", "handlers")
_DEEPEST = 6
_EACH = frozenset({"sub", "subn", "split", "findall", "finditer"})
USES = frozenset({"search", "match", "fullmatch"}) | _EACH
_RUNS = (
    *" aA&[]|\"'1\n<>()-,.:/=\t_#{\\\u00e9\u4e2d\xa0",
    *("a ", "1 ", "& ", "<a ", "&amp;", "<!--", "</a", "a, ", "a@", "- ", " - ", ": ", "A. "),
    *("\n ", "\r\n", "'s "),
)
_MIXED = 'a1 [|"\n<-,'
_LATER = (" ", "a", "1", "\n", "<", "-")
_SAMPLES = 5
_OF_A_CLASS = " a1A&[|\"'\n<(/-=,.:>])}{#;\u00e9\u4e2d\u5e74_\x80\xa0\udc80\u00c0"


def modules() -> Iterator[ModuleType]:
    """Return every module of these packages, except migrations, which Alembic runs."""
    for floor in FLOORS:
        package = importlib.import_module(floor)
        yield package
        for found in pkgutil.walk_packages(package.__path__, f"{floor}."):
            if ".migrations" not in found.name:
                yield importlib.import_module(found.name)


class Code(NamedTuple):
    """What the patterns' tests read in the source of a module."""

    assigned: frozenset[str]
    """The names that statements at the top of the module assign."""
    uses: tuple[tuple[str, str], ...]
    """The names of objects on which the module calls something of USES, each with the call."""
    compiling: tuple[str, ...]
    """The functions that compile a pattern, by name."""


@cache
def code(module: ModuleType) -> Code:
    """Return what the source of a module says. It is parsed once for all tests."""
    tree = ast.parse(inspect.getsource(module))
    assigned = {
        name.id
        for statement in tree.body
        if isinstance(statement, ast.Assign | ast.AnnAssign)
        for name in ast.walk(statement)
        if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store)
    }
    called: list[tuple[str, str]] = []
    compiling: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in USES:
            name = getattr(node.value, "attr", None) or getattr(node.value, "id", None)
            if name:
                called.append((name, node.attr))
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and any(
            isinstance(inner, ast.Attribute)
            and inner.attr == "compile"
            and getattr(inner.value, "id", "") == "re"
            for inner in ast.walk(node)
        ):
            compiling.append(node.name)
    return Code(frozenset(assigned), tuple(called), tuple(compiling))


def patterns() -> dict[str, re.Pattern[Any]]:
    """Return every pattern by its qualified name, including those inside other objects."""
    found: dict[str, re.Pattern[Any]] = {}
    for module in modules():
        own = code(module).assigned
        for name, value in vars(module).items():
            if name in own or getattr(value, "__module__", None) == module.__name__:
                for place, pattern in _within(value, f"{module.__name__}.{name}", 0):
                    found.setdefault(place, pattern)
    return found


def _within(value: object, place: str, depth: int) -> Iterator[tuple[str, re.Pattern[Any]]]:
    if depth > _DEEPEST:
        return
    inner: Iterable[tuple[object, object]] = ()
    if isinstance(value, re.Pattern):
        yield place, value
    elif isinstance(value, dict):
        inner = [*value.items(), *((f"key {at}", key) for at, key in enumerate(value))]
    elif isinstance(value, list | tuple | set | frozenset):
        inner = enumerate(value)
    elif isinstance(value, type):
        # SQLAlchemy gives each of its subclasses a pattern of its own.
        inner = [
            (name, one)
            for name, one in vars(value).items()
            if isinstance(one, re.Pattern) and not hasattr(super(value, value), name)
        ]
    elif dataclasses.is_dataclass(value):
        inner = [(one.name, getattr(value, one.name, None)) for one in dataclasses.fields(value)]
    elif hasattr(value, "__self__"):
        # `re.compile(…).fullmatch`, kept as a function.
        inner = [(getattr(value, "__name__", ""), value.__self__)]
    for name, one in inner:
        yield from _within(one, f"{place}[{name}]", depth + 1)


def uses() -> dict[str, set[str]]:
    """Return how patterns are used, by their names; private ones by `module.name`."""
    found: dict[str, set[str]] = defaultdict(set)
    for module in modules():
        for name, use in code(module).uses:
            own = name.startswith("_")
            found[f"{module.__name__}.{name}" if own else name].add(use)
    return found


def used(name: str, found: dict[str, set[str]]) -> frozenset[str]:
    """Return one use of the named pattern that scans a text."""
    bare = name.split("[", 1)[0]
    last = bare.rpartition(".")[2]
    kinds = found.get(bare) or found.get(last) or USES
    return frozenset("finditer" if kind in _EACH else kind for kind in kinds)


def seeds(pattern: re.Pattern[Any]) -> list[str]:
    """Yield short texts that are hostile when repeated: runs, pairs, and the pattern's prefixes."""
    own = []
    for sample in _samples(pattern):
        own += [sample, sample[: len(sample) * 3 // 4], sample[: len(sample) // 2]]
        own += [sample[:cut] for cut in range(2, min(len(sample), 10))]
    pairs = [one + other for one in _MIXED for other in _MIXED if one != other]
    return list(dict.fromkeys(filter(None, (*_RUNS, *pairs, _MIXED, *own))))


def repeats(pattern: re.Pattern[Any]) -> bool:
    """Return whether a pattern repeats anything; others take a few steps at each character."""
    return re.search(r"_REPEAT, \(\d+, (?!1,)", repr(_tree(pattern))) is not None


def heads(pattern: re.Pattern[Any]) -> list[str]:
    """Yield the pattern's prefixes, which are hostile before a run."""
    cuts = {sample[:cut] for sample in _samples(pattern) for cut in range(1, min(len(sample), 24))}
    return sorted(cuts)[:: max(1, len(cuts) // 12)]


class Hostile(NamedTuple):
    """A text of any size: a prefix, a unit repeated after it, and an end."""

    head: str
    seed: str
    tail: str = ""

    def of(self, size: int) -> str:
        """Return the text with this number of characters."""
        left = max(size - len(self.head) - len(self.tail), 0)
        return self.head[:size] + (self.seed * (left // len(self.seed) + 1))[:left] + self.tail


def texts(pattern: re.Pattern[Any]) -> Iterator[Hostile]:
    """Yield texts that may make a pattern slow."""
    for seed in seeds(pattern):
        yield Hostile("", seed)
        # Few patterns have it, so that what matched so far ends in vain.
        yield Hostile("", seed, "\x01")
    for head in heads(pattern):
        for later in _LATER:
            yield Hostile(head, later)


def _tree(pattern: re.Pattern[Any]) -> Any:  # noqa: ANN401 — `re` has no types for it
    source = pattern.pattern
    text = source.decode("latin-1") if isinstance(source, bytes) else source
    return parser.parse(text, pattern.flags & ~re.UNICODE)


@cache
def _samples(pattern: re.Pattern[Any]) -> list[str]:
    """Yield texts that match a pattern, or nearly."""
    tree = _tree(pattern)
    luck = Random(len(pattern.pattern))  # noqa: S311 — the same texts every time
    return [_sample(tree, luck) for _ in range(_SAMPLES)]


def _sample(tree: Any, luck: Random) -> str:  # noqa: ANN401 — as above
    return "".join(_piece(op, value, luck) for op, value in tree)


def _piece(op: Any, value: Any, luck: Random) -> str:  # noqa: ANN401, PLR0911 — as above; one line a kind
    if op is ops.LITERAL:
        return chr(value)
    if op is ops.IN:
        return _one_of(value, luck)
    if op in {ops.ANY, ops.NOT_LITERAL}:
        return "a"
    if op is ops.BRANCH:
        return _sample(luck.choice(value[1]), luck)
    if op is ops.SUBPATTERN:
        return _sample(value[3], luck)
    if op is ops.ATOMIC_GROUP:
        return _sample(value, luck)
    if op in {ops.MAX_REPEAT, ops.MIN_REPEAT, ops.POSSESSIVE_REPEAT}:
        least, most, inner = value
        count = max(least, min(int(most), luck.choice((least, 1, 3))))
        return "".join(_sample(inner, luck) for _ in range(count))
    return ""


def _one_of(members: Any, luck: Random) -> str:  # noqa: ANN401 — as above
    if held := _held(tuple(members)):
        return luck.choice(held)
    for op, value in members:
        if op is ops.LITERAL:
            return chr(value)
        if op is ops.RANGE:
            return chr(value[0])
    return ""


@cache
def _held(members: tuple[Any, ...]) -> list[str]:
    """Return the letters of a class, as `re` itself says."""
    tree = parser.SubPattern(parser.State(), [(ops.IN, list(members))])
    held: list[str] = compiler.compile(tree, re.UNICODE).findall(_OF_A_CLASS)
    return held
