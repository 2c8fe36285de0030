"""A pattern for foreign text takes linear time, or gets short texts only."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.backtracking import Matcher, TooManyStepsError
from tests.patterns import Hostile, code, modules, patterns, repeats, texts, used, uses

REGISTER = tomllib.loads(Path(__file__).with_name("patterns.toml").read_text())
SHORT, LONG = 64, 256
"""Characters of the texts on which a pattern is tried that meets texts of any length."""
SURE = 1_000
"""Characters of the shorter text if a pattern seems to be slow: its repetitions may be bounded."""
TIMES = 4
"""How much longer the second text is."""
GROWS = 8
"""The allowed growth of steps on a text four times as long: linear is 4, quadratic 16."""
FEW = 4
"""Steps a character on the longer text up to which nothing has grown."""
MOST = 400
"""Steps a character that no linear pattern takes."""
SHORT_BUDGET = 1_500_000
"""Steps for one text of limited length: some tens of milliseconds."""
INSIDE_FUNCTIONS = {
    "handlers.typed.parse_hours.hour_of_day",
    "handlers.typed.requests._between_names",
    "news.filing.tokenising.tokens._places_one_by_one",
    "news.html.block_pages._any",
    "news.translation.amounts._number",
    "storage.words.search_words._token",
}
"""Functions that may compile a pattern from our own words, or from a word of the text."""


class Known(NamedTuple):
    """The longest text of a pattern, and its use if the code does not show it."""

    longest: int | None
    use: str | None


@cache
def known() -> dict[str, Known]:
    found = {}
    for texts_ in REGISTER["texts"]:
        for name in texts_["patterns"]:
            bare, _, use = name.partition(" ")
            assert bare not in found, f"{bare} is registered twice"
            found[bare] = Known(texts_.get("longest"), use or None)
    return found


@cache
def made() -> dict[str, re.Pattern[Any]]:
    return patterns()


@cache
def uses_found() -> dict[str, set[str]]:
    return uses()


def test_every_pattern_is_registered() -> None:
    missing, gone = made().keys() - known().keys(), known().keys() - made().keys()
    assert not missing, f"register in tests/patterns.toml the longest text of {sorted(missing)}"
    assert not gone, f"no longer there: {sorted(gone)}"


def test_patterns_are_compiled_where_the_register_finds_them() -> None:
    """At the top of a module, since an import does not find patterns inside functions."""
    compiling = {
        f"{module.__name__}.{function}"
        for module in modules()
        for function in code(module).compiling
    }
    assert compiling <= INSIDE_FUNCTIONS


@cache
def matcher(pattern: re.Pattern[Any]) -> Matcher:
    return Matcher(pattern)


def steps(pattern: re.Pattern[Any], use: str, text: str, most: int) -> int:
    """Return the steps of one use, or `most` if it takes more."""
    held = text.encode("latin-1", "replace") if isinstance(pattern.pattern, bytes) else text
    counting = matcher(pattern)
    try:
        counting.ends(use, held, most)
    except TooManyStepsError:
        return most
    return counting.steps


def too_slow(pattern: re.Pattern[Any], use: str, text: Hostile) -> str:
    """Return why a text of any length takes too many steps; empty if they grow with its length."""
    took = longer = 0
    for size in (SHORT, SURE):
        most = MOST * size * TIMES
        longer = steps(pattern, use, text.of(size * TIMES), most)
        if longer <= FEW * size * TIMES:
            return ""
        took = steps(pattern, use, text.of(size), most)
        if longer <= took * GROWS and longer < most:
            return ""
    return f"{use} on {text}: {took} steps, and {longer} on four times as much"


def hostile(name: str, pattern: re.Pattern[Any]) -> str:
    """Return a text on which the pattern takes too many steps, or an empty text."""
    if not repeats(pattern):
        return ""
    longest, use = known().get(name, Known(None, None))
    for text in texts(pattern):
        for kind in [use] if use else sorted(used(name, uses_found())):
            if longest is None:
                if why := too_slow(pattern, kind, text):
                    return why
            elif costly(pattern, kind, text, longest):
                return f"{kind} on {text}: too many steps for {longest} characters"
    return ""


def costly(pattern: re.Pattern[Any], use: str, text: Hostile, longest: int) -> bool:
    """Return whether a text of limited length takes too many steps.

    The whole text is tried only if an eighth and a quarter of it, going on as they begin, say so.
    """
    eighth, quarter = (
        steps(pattern, use, text.of(longest // part), SHORT_BUDGET) for part in (8, 4)
    )
    if quarter * (quarter / eighth) ** 2 < SHORT_BUDGET:
        return False
    return steps(pattern, use, text.of(longest), SHORT_BUDGET) == SHORT_BUDGET


# Another test compares the register with the modules: importing them here would slow each start.
@pytest.mark.parametrize(
    "module", sorted({name.partition("[")[0].rpartition(".")[0] for name in known()})
)
def test_no_hostile_text_makes_a_pattern_slow(module: str) -> None:
    slow = {
        name: why
        for name, pattern in made().items()
        if name.partition("[")[0].rpartition(".")[0] == module and (why := hostile(name, pattern))
    }
    assert not slow


@pytest.mark.parametrize(
    ("name", "source", "use"),
    [
        ("blanks before a mark", r"\s*[\r\n]\s*", "sub"),
        ("blanks at the end", r"\s+$", "search"),
        ("two runs", r"\s*:?\s*=", "match"),
        ("two runs of anything", r".*.*x", "match"),
        ("a run of runs", r"(a+)+b", "match"),
        ("branches alike", r"(?:a|a)*b", "match"),
        ("an open tag", r"<(/?)([a-z][a-z0-9]*)[^<>]*>", "finditer"),
        ("the end of a word", r"[a-z]*[\xc0-\xff]", "findall"),
        ("lines", r"(?m)^\s*sitemap\s*:", "findall"),
        ("a name that begins again", r"/x/|header[\w-]*\.\w+$|\.php$", "search"),
    ],
)
def test_a_slow_pattern_is_found(name: str, source: str, use: str) -> None:
    pattern = re.compile(source)
    assert any(too_slow(pattern, use, text) for text in texts(pattern)), name


@pytest.mark.parametrize(
    ("source", "use"),
    [
        (r"\s+", "sub"),
        (r"(?<!\s)\s+$", "search"),
        (r"(?:ab)+c", "match"),
        (r"a++b", "match"),
        (r"[^<>]{0,20}>", "finditer"),
        (r"<[^<>]*>", "finditer"),
        (r"\b(?:gucci|prada|versace)\b", "search"),
        (r"([ab])\1", "finditer"),
        (r"(?=a)\w+?(?!b)", "finditer"),
    ],
)
def test_steps_of_a_fast_pattern_grow_with_the_text(source: str, use: str) -> None:
    pattern = re.compile(source)
    slow = [why for text in texts(pattern) if (why := too_slow(pattern, use, text))]
    assert not slow


def test_steps_are_counted_on_what_the_pattern_really_finds() -> None:
    """The counting matcher finds the same matches as `re`, for every pattern of ours."""
    different = {}
    for name, pattern in made().items():
        for text in islice(texts(pattern), 0, None, 7):
            held: Any = text.of(40)
            if isinstance(pattern.pattern, bytes):
                held = held.encode("latin-1", "replace")
            found = [match.end() for match in pattern.finditer(held)]
            counted = matcher(pattern).ends("finditer", held)
            if found != counted:
                different[name] = (held, found, counted)
    assert not different
