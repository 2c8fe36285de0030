"""`./dev bench faithful --set FILE`: what the check of translations catches and wrongly refuses.

A set has one JSON object a line, and is one of three kinds, told by the fields:

- sentences translated by people, with a field for each language (`en`, `it`, …) and `headline`.
  Each ordered pair of English, Italian, Spanish and French is checked, and each of them to Chinese
  without names. The translations that pass are then broken by rule: a number, a scale, a month,
  a weekday, a name, an added quotation.
- translations by machines: `source`, `translation`, `from`, `to`, and `major_accuracy`, how many
  of three raters mark a major error of accuracy: bad from two on. Numbers, months and weekdays are
  checked.
- sentences of summaries in English: `source`, `sentence`, `supported`, and `visible` if an error is
  one of names, numbers, dates or quotations.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from itertools import permutations
from typing import TYPE_CHECKING, Any

from rich.console import Console

from bench import SetError
from bench.harness.report import Metric
from news.translation import amounts, translated_names
from news.translation.faithful import dates, dates_differ, quotations_differ, refused

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

_LATIN = ("en", "it", "es", "fr")
_BAD = 2
_SHOWN = 60
_DIGITS = re.compile(r"(?<![\w.,])\d{1,4}(?![\w.,]*\d)")
_NAME = re.compile(r"(?<=[a-z,] )[A-Z][a-z]{3,}\b")
_SCALES = {
    "en": ("million", "billion"),
    "it": ("milioni", "miliardi"),
    "es": ("millones", "mil millones"),
    "fr": ("millions", "milliards"),
}
_MONTHS = {
    "en": "January February April June July August September October November December",
    "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre",
    "fr": "janvier février mars avril juin juillet août septembre octobre novembre décembre",
}
_WEEKDAYS = {
    "en": "Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
    "it": "lunedì martedì mercoledì giovedì venerdì sabato domenica",
    "es": "lunes martes miércoles jueves viernes sábado domingo",
    "fr": "lundi mardi mercredi jeudi vendredi samedi dimanche",
}
_OTHERS = ("Kowalczyk", "Brandstetter", "Fitzwilliam", "Okonkwo", "Lindqvist")
_QUOTED = {"en": "“{}”", "it": "“{}”", "es": "«{}»", "fr": "« {} »"}

FIGURES = {
    "sound_refused": Metric("translations by people: refused", at_most=0.13),
    "worst_direction": Metric("in the worst direction", at_most=0.2),
    "titles_refused": Metric("titles among them", at_most=0.14),
    "chinese_refused": Metric("to and from Chinese, without names", at_most=0.08),
    "number_caught": Metric("broken: number, caught", at_least=0.95),
    "scale_caught": Metric("broken: scale, caught", at_least=0.95),
    "month_caught": Metric("broken: month, caught", at_least=0.95),
    "weekday_caught": Metric("broken: weekday, caught", at_least=0.95),
    "quotation_caught": Metric("broken: quotation added, caught", at_least=0.95),
    "name_caught": Metric("broken: name, caught", at_least=0.9),
    "bad_refused": Metric("Chinese to English by machines, bad: refused", at_least=0.2),
    "good_refused": Metric("Chinese to English by machines, sound: refused", at_most=0.05),
    "german_bad_refused": Metric("English to German by machines, bad: refused"),
    "german_good_refused": Metric("English to German by machines, sound: refused"),
    "bad_before": Metric("by machines: share of bad, unchecked"),
    "bad_after": Metric("by machines: share of bad in what passes"),
    "errors_caught": Metric("summaries: visible errors caught", at_least=0.93),
    "summaries_refused": Metric("summaries: sound ones refused", at_most=0.04),
}


def read(path: Path) -> list[dict[str, Any]]:
    """Read a set.

    Raises:
        SetError: A line is not a JSON object of a known kind; the message names the line.
    """
    rows = []
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        try:
            row = json.loads(line)
            known = row.keys() & {"headline", "major_accuracy", "supported"}
        except (ValueError, AttributeError):
            known = set()
        if not known:
            raise SetError(f"{path.name}, line {number}: no object of a known kind")
        rows.append(row)
    if not rows:
        raise SetError(f"{path.name} is empty")
    return rows


async def measure(labelled: Path | None = None) -> dict[str, float]:
    """Measure a set; without one there is nothing to measure."""
    if labelled is None:
        raise SetError("name a set: --set FILE")
    rows = read(labelled)
    if "headline" in rows[0]:
        return _by_people(rows)
    return _by_machines(rows) if "major_accuracy" in rows[0] else _summaries(rows)


def _share(verdicts: Sequence[bool]) -> float:
    return sum(verdicts) / len(verdicts) if verdicts else 0.0


def _without_names(source: str, translation: str, of: str, language: str) -> bool:
    return (
        amounts.differing(source, translation, of, language)
        or dates_differ(source, translation, of, language)
        or quotations_differ(source, translation)
    )


def _by_people(rows: Sequence[dict[str, Any]]) -> dict[str, float]:
    directions: defaultdict[tuple[str, str], list[bool]] = defaultdict(list)
    titles: list[bool] = []
    caught: defaultdict[str, list[bool]] = defaultdict(list)
    for row in rows:
        for of, language in permutations(_LATIN, 2):
            why = refused(row[of], row[language], of, language)
            directions[of, language].append(why is not None)
            if row["headline"]:
                titles.append(why is not None)
            if why is None:
                for rule, breaks in BROKEN.items():
                    broken = breaks(row[language], language)
                    if broken is not None:
                        caught[rule].append(refused(row[of], broken, of, language) is not None)
    chinese = [
        _without_names(row[of], row[language], of, language)
        for row in rows
        for each in _LATIN
        for of, language in ((each, "zh"), ("zh", each))
    ]
    shares = [_share(each) for each in directions.values()]
    return {
        "sound_refused": sum(shares) / len(shares),
        "worst_direction": max(shares),
        "titles_refused": _share(titles),
        "chinese_refused": _share(chinese),
        **{f"{rule}_caught": _share(each) for rule, each in caught.items()},
    }


def _by_machines(rows: Sequence[dict[str, Any]]) -> dict[str, float]:
    verdicts: defaultdict[tuple[str, str], list[bool]] = defaultdict(list)
    for row in rows:
        of, language = row["from"], row["to"]
        quality = "bad" if row["major_accuracy"] >= _BAD else "" if row["major"] else "good"
        differs = amounts.differing(row["source"], row["translation"], of, language)
        differs = differs or dates_differ(row["source"], row["translation"], of, language)
        verdicts[of, quality].append(differs)
    bad = [each for (_, quality), found in verdicts.items() if quality == "bad" for each in found]
    every = [each for found in verdicts.values() for each in found]
    return {
        "bad_refused": _share(verdicts["zh", "bad"]),
        "good_refused": _share(verdicts["zh", "good"]),
        "german_bad_refused": _share(verdicts["en", "bad"]),
        "german_good_refused": _share(verdicts["en", "good"]),
        "bad_before": len(bad) / len(every),
        "bad_after": bad.count(False) / every.count(False),
    }


def _summaries(rows: Sequence[dict[str, Any]]) -> dict[str, float]:
    return {
        "errors_caught": _share([_adds(row) for row in rows if row["visible"]]),
        "summaries_refused": _share([_adds(row) for row in rows if row["supported"]]),
    }


def _adds(row: dict[str, Any]) -> bool:
    source, text = row["source"], row["sentence"]
    return (
        amounts.lacks(amounts.amounts(text, "en"), amounts.amounts(source, "en"))
        or bool(dates(text, "en")[0] - dates(source, "en")[1])
        or translated_names.unknown(source, text, "en") is not None
    )


def _number(text: str, _language: str) -> str | None:
    match = _DIGITS.search(text)
    if match is None:
        return None
    return f"{text[: match.start()]}{int(match[0]) + 7}{text[match.end() :]}"


def _scale(text: str, language: str) -> str | None:
    small, large = _SCALES[language]
    for one, other in ((large, small), (small, large)):
        match = re.search(rf"(?<=\d ){one}\b", text)
        if match is not None:
            return f"{text[: match.start()]}{other}{text[match.end() :]}"
    return None


def _next_of(table: dict[str, str]) -> Callable[[str, str], str | None]:
    def breaks(text: str, language: str) -> str | None:
        words = table[language].split()
        for at, word in enumerate(words):
            broken, found = re.subn(rf"\b{word}\b", words[(at + 2) % len(words)], text, count=1)
            if found:
                return broken if dates(broken, language)[1] != dates(text, language)[1] else None
        return None

    return breaks


def _quotation(text: str, language: str) -> str | None:
    words = text.split(" ")
    if len(words) < 8:
        return None
    said = " ".join(words[3:6])
    return " ".join([*words[:3], _QUOTED[language].format(said), *words[6:]])


def _other_name(text: str, _language: str) -> str | None:
    match = _NAME.search(text)
    if match is None:
        return None
    other = _OTHERS[len(text) % len(_OTHERS)]
    return f"{text[: match.start()]}{other}{text[match.end() :]}"


BROKEN: dict[str, Callable[[str, str], str | None]] = {
    "number": _number,
    "scale": _scale,
    "month": _next_of(_MONTHS),
    "weekday": _next_of(_WEEKDAYS),
    "quotation": _quotation,
    "name": _other_name,
}
"""Rule → breaks a text in a language, or returns None if it has nothing to break."""


def show_details(path: Path) -> None:
    """Print sound translations that are refused, by reason."""
    console = Console()
    why: Counter[str] = Counter()
    for row in read(path):
        if "headline" not in row:
            continue
        for of, language in permutations(_LATIN, 2):
            reason = refused(row[of], row[language], of, language)
            if reason is not None:
                why[reason] += 1
                if why[reason] <= _SHOWN // 4:
                    console.print(f"{reason}\n  {row[of]}\n  {row[language]}", markup=False)
    console.print(dict(why), markup=False)
