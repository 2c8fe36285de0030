"""Numbers in a text and in its translation: `1.25bn`, `1,25 Milliarden` and `12.5亿` are equal.

What a text writes in digits, or as a number word of some size, the other must say too: in digits,
in words, or in another unit of the same measure. Small words (`one`, `both`) only help the other.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from news.text.letters import without_accents

if TYPE_CHECKING:
    from collections.abc import Sequence

NEEDED = 13
"""The smallest number in words that the other text must have."""
ROUNDED = 0.1
"""How far a converted measure may be off, since writers round: 2 inches are 5 cm."""
_SAME = 1e-6
_TENS = range(30, 100, 10)
_ARTICLES = {
    "en": ("a", "an"),
    "it": ("un",),
    "es": ("un",),
    "fr": ("une",),
    "de": ("ein", "eine"),
}
"""Language → its words for one before a scale: `a billion`."""
_CHINESE = {**{c: n for n, c in enumerate("零一二三四五六七八九")}, "\u3007": 0, "两": 2}
_RANKS = {"十": 10, "百": 100, "千": 1000, "万": 10_000, "萬": 10_000, "亿": 10**8, "億": 10**8}
_MYRIAD = 10_000
_CHINESE_NUMBER = re.compile(
    "(?:[\\d.,]{0,18}[零〇一二两三四五六七八九十百千万萬亿億]){1,20}[\\d.]{0,9}"
)
_VAGUE = re.compile("月|世纪|几|多年")
_CHINESE_PART = re.compile(r"\d[\d.,]*|[^\d.,]")
_WORD = re.compile(r"\w+")
_GAP = re.compile("(?<=[\\d.]) (?=[万萬亿億])")
_SPACED = re.compile(r"(?<=\d)[ '\u2019](?=\d{3}(?!\d))")
_DIGITS = re.compile(r"\d{1,15}(?:[.,]\d{1,9}){0,4}")
_EVENING = re.compile(
    r" ?(?:[.:h]\d\d)? ?(?:uhr|h\b|heures?|o.clock)? ?"
    r"(?:p\.?m\b|de la (?:tarde|noche)|d[ei]l? ?(?:la )?(?:pomeriggio|sera)|du soir|de l.apres)"
)
_AFTERNOON = re.compile("(?:下午|晚上?|傍晚|夜里?)$")
_TIME = re.compile(r"\d{1,2}[.,]\d\d")
_BEFORE_DECADE = re.compile(r"(?:['\u2019]|\b(?:anni|anos|annees) |\b\d{4}[-\u2013])$")
_MONTH_OR_CENTURY = re.compile("月|世纪")
_HOUR = re.compile(r"[:.h]\d\d| ?(?:uhr|h|heures?|点|时)\b")
_RANGE = re.compile(r" ?(?:to|and|or|a|e|y|et|ou|o|u|bis|und|oder|-|\u2013|到|至|~) ?")
_DECADE = re.compile(r"s\b|年代|er\b|年")
_ROMAN = re.compile(r"\b(?=[XVI]{2,5}\b)(X{0,2})(IX|IV|V?I{0,3})\b")
_ROMAN_UNITS = ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX")
_NOON, _CENTURY = 12, 100


class Amount(NamedTuple):
    """A number, by each of its readings: `1.250` is 1.25 or 1250."""

    values: frozenset[float]
    needed: bool
    measures: tuple[tuple[str, float], ...] = ()
    """Kind of measure and amount in its base unit; several, as a foot's name may be another's."""


def differing(source: str, translation: str, of: str | None, language: str) -> bool:
    """Return whether one of the texts has a number that the other lacks."""
    here, there = amounts(source, of), amounts(translation, language)
    return lacks(here, there) or lacks(there, here)


def lacks(some: Sequence[Amount], others: Sequence[Amount]) -> bool:
    """Return whether some numbers are not all among others."""
    known = set(chain.from_iterable(each.values for each in others))
    measures = [one for each in others for one in each.measures]
    return any(
        each.needed
        and not each.values & known
        and not any(
            kind == other and abs(much - more) <= ROUNDED * max(much, more)
            for kind, much in each.measures
            for other, more in measures
        )
        for each in some
    )


def amounts(text: str, language: str | None) -> list[Amount]:
    """Return the numbers in a text; of an unknown language, the words of all count."""
    folded = _SPACED.sub("", without_accents(text))
    languages = (
        tuple(words_of_languages()["numbers"]) if language in {None, "zh"} else (str(language),)
    )
    found = [
        Amount(frozenset({float(10 * len(ten) + _ROMAN_UNITS.index(unit))}), needed=False)
        for ten, unit in _ROMAN.findall(text)
    ]
    found += [
        Amount(frozenset({value}), needed=False)
        for word in _WORD.findall(folded)
        if (value := _hints().get(word)) is not None
    ]
    if language == "zh" or language is None:
        found += [
            Amount(frozenset({value}), needed=False)
            for word, value in _hints().items()
            if not word.isascii() and word in folded
        ]
        folded = _GAP.sub("", folded)
        found += map(_chinese, _CHINESE_NUMBER.finditer(folded))
        folded = _CHINESE_NUMBER.sub(" ", folded)
    unit = ""
    after = len(folded)
    for each in reversed(list(_number(languages).finditer(folded))):
        # In `2 to 4 inches` the first number has the second one's unit.
        shared = unit if _RANGE.fullmatch(folded, each.end(), after) else ""
        unit, after = each[4] or shared, each.start()
        found.append(_amount(each, folded, unit))
    return found


def _amount(match: re.Match[str], text: str, unit: str) -> Amount:
    digits, word, scales, _ = match.groups("")
    values = set(_readings(digits)) if digits else {float(_all_words()[word.replace("-", " ")])}
    factor, letter = 1.0, False
    for scale in _WORD.findall(scales):
        factor *= _scales()[scale]
        letter = letter or scale in {"m", "b", "k"}
    plain = frozenset(values)
    values = {round(each * factor, 6) for each in values} | (set(plain) if letter else set())
    if digits and factor == 1.0:
        after, parts = text[match.end(1) :], digits.replace(",", ".").split(".")
        if _TIME.fullmatch(digits):
            # Others write it with a colon.
            values |= {float(each) for each in parts}
        whole = int(parts[0])
        if whole <= _NOON and (_EVENING.match(after) or _AFTERNOON.search(text, 0, match.start())):
            values.add(float(whole + _NOON))
        elif _NOON < whole < 2 * _NOON and _HOUR.match(text, match.start() + len(parts[0])):
            values.add(float(whole - _NOON))
        if whole < _CENTURY and (
            _DECADE.match(after) or _BEFORE_DECADE.search(text, 0, match.start())
        ):
            values |= {1900.0 + whole, 2000.0 + whole}
    elif word and _EVENING.match(text, match.end(2)):
        values |= {each + _NOON for each in plain}
    measures = tuple(
        (kind, value * size)
        for kind, size in (_units().get(unit, ()) if unit else ())
        for value in values
    )
    needed = max(values) >= NEEDED or (bool(digits) and max(values) > 0)
    if digits and _MONTH_OR_CENTURY.match(text, match.end(1)):
        needed = False
    return Amount(frozenset(values), needed, measures)


def _readings(digits: str) -> set[float]:
    """Return what digits with separators may mean."""
    first, *rest = digits.replace(",", ".").split(".")
    if not rest:
        return {float(first)}
    found = {float(f"{first}{''.join(rest[:-1])}.{rest[-1]}")}
    if all(len(each) == 3 for each in rest):
        found = {float(first + "".join(rest))} | (found if len(rest) == 1 else set())
    return found


def _chinese(match: re.Match[str]) -> Amount:
    """Return a number with Chinese numerals; those of one character are no more than a hint."""
    parts = _CHINESE_PART.findall(match[0])
    ranks = [each for each in parts if each in _RANKS]
    if not ranks:
        text = "".join(str(_CHINESE[each]) for each in parts if each in _CHINESE)
        values = {float(text)} | {float(_CHINESE[each]) for each in parts if each in _CHINESE}
        if match.string[match.end() : match.end() + 1] == "成":
            values |= {10 * each for each in values}
        return Amount(frozenset(values), needed=len(text) == 4)
    total = section = 0.0
    number: float | None = None
    for each in parts:
        if each in _CHINESE:
            number = float(_CHINESE[each])
        elif each not in _RANKS:
            number = (
                min(_readings(each.strip(".,")))
                if "." in each
                else float(each.replace(",", "") or 0)
            )
        elif _RANKS[each] < _MYRIAD:
            section += (1.0 if number is None else number) * _RANKS[each]
            number = None
        else:
            section += number or 0.0
            if section == 0.0 and total:
                total *= _RANKS[each]
            else:
                total += (section or 1.0) * _RANKS[each]
            section, number = 0.0, None
    value = round(total + section + (number or 0.0), 6)
    numeral = any(each[0].isdigit() or each in _CHINESE for each in parts)
    needed = len(parts) > 1 and numeral and not _VAGUE.match(match.string, match.end())
    values = {value, float(round(value))} if value >= _CENTURY else {value}
    unit = match.string[match.end() : match.end() + 2]
    measures = tuple(
        (kind, value * size) for name in (unit, unit[:1]) for kind, size in _units().get(name, ())
    )
    return Amount(frozenset(values), needed, measures)


@cache
def words_of_languages() -> dict[str, Any]:
    """Return what is in `words.toml`."""
    return tomllib.loads(Path(__file__).with_name("words.toml").read_text("utf-8"))


@cache
def _hints() -> dict[str, float]:
    return {
        without_accents(word): float(value)
        for value, words in words_of_languages()["hints"].items()
        for word in words.split()
    }


@cache
def _scales() -> dict[str, float]:
    return {
        word: float(n)
        for n, words in words_of_languages()["scales"].items()
        for word in words.split()
    }


@cache
def _units() -> dict[str, tuple[tuple[str, float], ...]]:
    found: dict[str, tuple[tuple[str, float], ...]] = {}
    for kind, sizes in words_of_languages()["units"].items():
        for size, names in sizes.items():
            for name in map(without_accents, names.split()):
                found[name] = (*found.get(name, ()), (kind, float(size)))
    return found


@cache
def number_words(language: str) -> dict[str, int]:
    """Return the words for 0 to 99, and for whole hundreds, folded and without hyphens."""
    listed = words_of_languages()["numbers"][language].split()
    units, tens = listed[:21], dict(zip(_TENS, listed[21:], strict=True))
    found = {word.replace("-", " "): number for number, word in enumerate(units)}
    for ten, word in [(20, units[20]), *tens.items()]:
        found[word.replace("-", " ")] = ten
        for unit, name in enumerate(units[1:10], 1):
            found |= dict.fromkeys(_joined(language, ten, word, unit, name), ten + unit)
    if language == "fr":
        for unit, name in enumerate(units[10:17], 10):
            found[f"soixante {name}"] = found[f"soixante et {name}"] = 60 + unit
        for unit, name in enumerate([*units[1:20]], 1):
            found[f"quatre vingt {name}".replace("-", " ")] = 80 + unit
        found["quatre vingts"] = 80
    found |= dict.fromkeys(_ARTICLES[language], 1)
    hundred = {"it": "cento", "de": "hundert", "es": "cientos"}.get(language)
    if hundred:
        for unit, name in enumerate(units[2:10], 2):
            found[name + hundred] = found[(name + hundred).replace("tos", "tas")] = 100 * unit
    if language == "es":
        found |= {"quinientos": 500, "setecientos": 700, "novecientos": 900}
    return found


def _joined(language: str, ten: int, word: str, unit: int, name: str) -> tuple[str, ...]:
    match language:
        case "it":
            return ((word[:-1] if name[0] in "uo" else word) + name,)
        case "es":
            short = without_accents(name)
            return (f"veinti{short}", f"{word} y {name}") if ten == 20 else (f"{word} y {name}",)
        case "fr":
            return (f"{word} {name}".replace("-", " "), f"{word} et {name}".replace("-", " "))
        case "de":
            return (f"{'ein' if unit == 1 else name}und{word}",)
    return (f"{word} {name}",)


@cache
def _all_words() -> dict[str, int]:
    found: dict[str, int] = {}
    for language in words_of_languages()["numbers"]:
        found |= number_words(language)
    return found


@cache
def _number(languages: tuple[str, ...]) -> re.Pattern[str]:
    """Return the pattern of a number in digits or words, with its scale and unit."""
    words = {word for each in languages for word in number_words(each)}
    ordered = sorted(words, key=len, reverse=True)
    scale = "|".join(sorted(_scales(), key=len, reverse=True))
    unit = "|".join(sorted(_units(), key=len, reverse=True))
    spoken = "|".join(each.replace(" ", "[ -]") for each in ordered)
    return re.compile(
        rf"(?:({_DIGITS.pattern})|(?<!\w)({spoken})(?!\w))"
        rf"((?:[ -]?(?:{scale})\b(?!\w)){{0,2}})(?:[ -]?(?:di |de )?({unit})(?![a-z]))?"
    )
