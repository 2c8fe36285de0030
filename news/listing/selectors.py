"""The CSS selectors that an operator writes for a listing page, as far as such pages need them.

Understood: `tag`, `*`, `.class`, `#id`, `[name]`, `[name=value]` with `^=`, `$=`, `*=`, `~=`,
`:first-child`, `:last-child`, `:nth-child(n)`, descendants, `>`, `+`, `~`, and commas.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from lxml import etree  # type: ignore[import-untyped]  # lxml has no types

from news.entry import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Callable

    from lxml import html

_PART = re.compile(
    r"\s*(?P<comma>,)\s*|\s*(?P<joint>[>+~])\s*|(?P<blank>\s+)|(?P<tag>[A-Za-z][A-Za-z0-9-]*|\*)|"
    r"\.(?P<class>-?[A-Za-z_][\w-]*)|#(?P<id>-?[A-Za-z_][\w-]*)|"
    r"\[\s*(?P<name>[A-Za-z][\w:-]*)\s*(?:(?P<how>[~^$*]?=)\s*"
    r"(?:\"(?P<double>[^\"]*)\"|'(?P<single>[^']*)'|(?P<bare>[^\]\s\"']+))\s*)?\]|"
    r":(?P<place>first-child|last-child|nth-child\(\s*(?P<nth>\d+)\s*\))"
)
_JOINTS = {
    " ": "/descendant::",
    ">": "/child::",
    "+": "/following-sibling::*[1]/self::",
    "~": "/following-sibling::",
}


@cache
def compiled(selector: str) -> Callable[[html.HtmlElement], list[html.HtmlElement]]:
    """A function that gives the elements beneath one that `selector` selects.

    Raises:
        UnreadableError: `bad selector`: it is none, or says what is not understood here.
    """
    path = etree.XPath(xpath(selector))

    def select(element: html.HtmlElement) -> list[html.HtmlElement]:
        found = path(element)
        return list(found) if isinstance(found, list) else []

    return select


def xpath(selector: str) -> str:
    """`selector` as an XPath expression.

    Raises:
        UnreadableError: As in `compiled`.
    """
    paths: list[str] = []
    axis, tests, tag = "descendant::", "", ""
    path = "."
    text = selector.strip()
    at = 0

    def step() -> str:
        if not (tag or tests):
            raise UnreadableError("bad selector", selector[:120])
        return f"{axis}{tag or '*'}{tests}"

    axis = "/descendant::"
    while at < len(text):
        part = _PART.match(text, at)
        if part is None:
            raise UnreadableError("bad selector", selector[:120])
        at = part.end()
        if part["comma"]:
            paths.append(path + step())
            path, axis, tag, tests = ".", "/descendant::", "", ""
        elif part["joint"] or part["blank"]:
            path += step()
            axis, tag, tests = _JOINTS[part["joint"] or " "], "", ""
        elif part["tag"]:
            if tag or tests:
                raise UnreadableError("bad selector", selector[:120])
            tag = part["tag"].lower()
        else:
            tests += _test(part)
    paths.append(path + step())
    return " | ".join(paths)


def _test(part: re.Match[str]) -> str:
    if part["class"]:
        return f"[contains(concat(' ', normalize-space(@class), ' '), ' {part['class']} ')]"
    if part["id"]:
        return f"[@id='{part['id']}']"
    if part["place"]:
        if part["place"] == "last-child":
            return "[not(following-sibling::*)]"
        return f"[count(preceding-sibling::*) = {int(part['nth'] or 1) - 1}]"
    return f"[{_attribute_test(part)}]"


def _attribute_test(part: re.Match[str]) -> str:
    name = f"@{part['name'].lower()}"
    given = (part["double"], part["single"], part["bare"], "")
    value = next(one for one in given if one is not None)
    quoted = f'"{value}"' if '"' not in value else f"'{value}'"
    return {
        None: name,
        "=": f"{name} = {quoted}",
        "~=": f"contains(concat(' ', normalize-space({name}), ' '), concat(' ', {quoted}, ' '))",
        "^=": f"starts-with({name}, {quoted})",
        "$=": f"substring({name}, string-length({name}) - {len(value) - 1}) = {quoted}",
        "*=": f"contains({name}, {quoted})",
    }[part["how"]]
