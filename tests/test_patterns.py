"""A pattern for foreign text takes linear time, or gets short texts only."""

from __future__ import annotations

import re
import time
import tomllib
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.patterns import Hostile, code, modules, patterns, run, texts, used, uses

REGISTER = tomllib.loads(Path(__file__).with_name("patterns.toml").read_text())
SHORT, LONG = 1_000, 4_000
"""Characters of the texts on which a pattern is tried that meets texts of any length."""
SUSPECT = 0.5e-6
"""Seconds of processor time a character above which a pattern is examined further."""
GROWS = 8.0
"""The allowed growth of time on a text four times as long: linear is 4, quadratic 16."""
COSTLY = 15e-6
"""Seconds a character that no linear pattern takes."""
TRIES = 5
"""How many times a pattern known to be slow is tried."""
PAIRS = 12
"""Pairs of a short and a long text; a pattern is too slow if more than half of them show it."""
SHORT_BUDGET = 0.05
"""Seconds for one text of limited length."""
INSIDE_FUNCTIONS = {
    "handlers.typed.parse_input.hour_of_day",
    "news.filing.tokenising.tokens._places_one_by_one",
    "news.html.block_pages._any",
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


def seconds(pattern: re.Pattern[Any], use: str, text: str) -> float:
    """Return the processor time of one use, which other processes do not affect."""
    held = text.encode("latin-1", "replace") if isinstance(pattern.pattern, bytes) else text
    begin = time.thread_time()
    run(pattern, use, held)
    return time.thread_time() - begin


def least(pattern: re.Pattern[Any], use: str, text: str, times: int = 3) -> float:
    return min(seconds(pattern, use, text) for _ in range(times))


def too_slow(pattern: re.Pattern[Any], use: str, text: Hostile) -> str:
    """Return why a text of any length takes too long, or an empty text if the time is linear."""
    if least(pattern, use, text.of(SHORT)) < SUSPECT * SHORT:
        return ""
    took = longer = 0.0
    # In pairs, by majority: whatever else the machine does in a moment slows one text or the other.
    grew = held = 0
    while max(grew, held) <= PAIRS // 2:
        took = seconds(pattern, use, text.of(SHORT))
        longer = seconds(pattern, use, text.of(LONG))
        if longer <= took * GROWS and longer < COSTLY * LONG:
            held += 1
        else:
            grew += 1
    if held > grew:
        return ""
    return f"{use} on {text}: {took * 1e3:.1f} ms, and {longer * 1e3:.0f} ms on four times as much"


def _may_grow(pattern: re.Pattern[Any], use: str, text: Hostile, took: float) -> bool:
    """Return whether a pattern may take more than linear time.

    Most patterns that are slow a character only have many alternatives.
    """
    return took > COSTLY * SHORT or seconds(pattern, use, text.of(2 * SHORT)) > 3 * took


def hostile(name: str, pattern: re.Pattern[Any]) -> str:
    """Return a text on which the pattern takes too long, or an empty text."""
    longest, use = known().get(name, Known(None, None))
    size = longest or SHORT
    kinds = [use] if use else sorted(used(name, uses_found()))
    for text in texts(pattern):
        whole = text.of(size)
        for kind in kinds:
            took = seconds(pattern, kind, whole)
            if longest is None:
                grows = took > SUSPECT * size and _may_grow(pattern, kind, text, took)
                if grows and (why := too_slow(pattern, kind, text)):
                    return why
            elif took > SHORT_BUDGET and least(pattern, kind, whole, PAIRS) > SHORT_BUDGET:
                return f"{kind} on {text}: {took * 1e3:.0f} ms for {size} characters"
    return ""


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
        ("two runs", r"\s*:?\s*=", "match"),
        ("an open tag", r"<(/?)([a-z][a-z0-9]*)[^<>]*>", "finditer"),
        ("the end of a word", r"[a-z]*[\xc0-\xff]", "findall"),
        ("lines", r"(?m)^\s*sitemap\s*:", "findall"),
    ],
)
def test_the_slowness_trial_finds_a_slow_pattern(name: str, source: str, use: str) -> None:
    pattern = re.compile(source)
    # A busy machine may hide a slow pattern, but never makes a fast one slow.
    tries = (text for _ in range(TRIES) for text in texts(pattern))
    assert any(too_slow(pattern, use, text) for text in tries), name
