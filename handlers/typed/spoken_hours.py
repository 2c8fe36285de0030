"""Times in words, in languages that write with spaces: `half past eight`, `las 9 y media`."""

from __future__ import annotations

from itertools import dropwhile

_UNITS = {
    "en": "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen"
    " fifteen sixteen seventeen eighteen nineteen",
    "it": "zero uno due tre quattro cinque sei sette otto nove dieci undici dodici tredici"
    " quattordici quindici sedici diciassette diciotto diciannove",
    "es": "cero una dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce"
    " quince dieciseis diecisiete dieciocho diecinueve",
    "fr": "zero une deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze"
    " quinze seize dix_sept dix_huit dix_neuf",
}
_TENS = {
    "en": "twenty thirty forty fifty",
    "it": "venti trenta quaranta cinquanta",
    "es": "veinte treinta cuarenta cincuenta",
    "fr": "vingt trente quarante cinquante",
}
_QUARTER = frozenset({"quarter", "quarto", "cuarto", "quart"})
_HALF = frozenset({"half", "mezza", "mezzo", "media", "demi", "demie"})
_ARTICLES = frozenset({"a", "un", "le"})
"""Words that may come before a quarter."""
_MINUTES = frozenset({"minutes", "minuti", "minutos"})
_WHOLE = {
    **dict.fromkeys(("noon", "midday", "mezzogiorno", "mediodia", "midi"), 12),
    **dict.fromkeys(("midnight", "mezzanotte", "medianoche", "minuit"), 0),
}
"""Hours with their own names."""
_BEFORE = frozenset(
    {"at", "around", "about", "by", "alle", "all", "ore", "le", "l", "verso", "a", "al"}
    | {"las", "la", "sobre", "hacia", "vers", "les", "circa", "intorno"}
)
"""Words before a time that add nothing."""
_HOURS = frozenset({"heures", "heure", "h", "horas", "hora", "ore"})
EXACTLY = ("en punto", "in punto", "pile", "precises", "sharp")
"""Words after a time that mean “exactly”."""
_SHARP = ("o clock", *EXACTLY)
_PAST = {"past": 1, "after": 1, "to": -1, "before": -1}
"""Words between minutes and their hour: `ten to eight`."""
_BESIDE = {"y": 1, "e": 1, "et": 1, "menos": -1, "meno": -1, "moins": -1}
"""Words between an hour and its minutes: `las ocho menos diez`."""
_TO_THE_HOUR = frozenset({5, 10, 15, 20, 25, 30})
"""Minutes that English says without `minutes`; `two to seven` means from two until seven."""
_MOST_WORDS = 3
"""The most words of a number: `treinta y cinco`, `vingt et un`."""

_APART = str.maketrans(dict.fromkeys("-'\N{RIGHT SINGLE QUOTATION MARK}\N{HYPHEN}", " "))


def _numbers() -> dict[str, int]:
    """Return every number below sixty by its words, with spaces between them."""
    found: dict[str, int] = {}
    for language, units in _UNITS.items():
        ones = [unit.replace("_", " ") for unit in units.split()]
        found |= {unit: number for number, unit in enumerate(ones)}
        for count, ten in enumerate(_TENS[language].split(), 2):
            found[ten] = count * 10
            for one, unit in enumerate(ones[1:10], 1):
                for together in _together(language, ten, unit):
                    found[together] = count * 10 + one
    return found


def _together(language: str, ten: str, unit: str) -> tuple[str, ...]:
    """Return each form in which a language joins tens and ones."""
    if language == "it":
        elided = ten[:-1] + unit if unit[0] in "uo" else ten + unit
        return (elided, elided[:-1]) if elided.endswith("uno") else (elided,)
    if language == "es":
        units = (unit, "uno", "un") if unit == "una" else (unit,)
        if ten == "veinte":
            return tuple(f"veinti{each}" for each in units)
        return tuple(f"{ten} y {each}" for each in units)
    if language == "fr" and unit == "une":
        return f"{ten} et une", f"{ten} et un"
    return (f"{ten} {unit}",)


NUMBERS = _numbers()
"""Numbers below sixty by their words, without accents and with spaces for hyphens."""


def in_digits(written: str) -> str | None:
    """Return a time in words as digits, such as `8:30 de la tarde`; None if it is no such time.

    Args:
        written: The typed text, without accents. Words after the time are kept, with spaces for
            hyphens and apostrophes.
    """
    words = without_fillers(_words_of(written))
    return _minutes_first(words) or _hour_first(words)


def _words_of(written: str) -> list[str]:
    """Return the words of a typed time; the `h` of `9h` is a word of its own."""
    words = []
    for word in written.split():
        if word[:-1].isdecimal() and word.endswith("h"):
            words += [word[:-1], "h"]
        else:
            # Keep a word that begins with a hyphen, which may be a negative number.
            words += word.translate(_APART).split() if word[0].isalnum() else [word]
    return words


def without_fillers(words: list[str]) -> list[str]:
    """Return the words of a time without leading words that add nothing: `at`, `verso le`."""
    return list(dropwhile(_BEFORE.__contains__, words))


def is_number(words: str) -> bool:
    """Return whether words joined by hyphens or spaces are one number: `twenty-two`."""
    return " ".join(words.translate(_APART).split()) in NUMBERS


def _minutes_first(words: list[str]) -> str | None:
    """Read a time such as `half past eight`, `ten to nine` or `half eight`; return None if none."""
    minutes, taken = _amount(words)
    rest = words[taken:]
    named = bool(rest) and rest[0] in _MINUTES
    rest = rest[named:]
    if minutes is None or not (named or minutes in _TO_THE_HOUR):
        return None
    joined = bool(rest) and rest[0] in _PAST
    if not joined and words[0] != "half":
        return None
    hour, used = _hour(rest[joined:])
    if hour is None:
        return None
    return _clock(hour, minutes * (_PAST[rest[0]] if joined else 1), rest[joined + used :])


def _hour_first(words: list[str]) -> str | None:
    """Read a time such as `las nueve y media`, `eight thirty` or `mezzogiorno`; None if none."""
    hour, used = _hour(words)
    if hour is None:
        return None
    rest = words[used:]
    counted = bool(rest) and rest[0] in _HOURS
    rest = _without_sharp(rest[counted:])
    if rest and rest[0] in _BESIDE:
        minutes, taken = _amount(rest[1:])
        if minutes is None:
            return None
        minutes *= _BESIDE[rest[0]]
        taken += 1
    else:
        minutes, taken = _bare_minutes(rest, counted=counted)
    rest = rest[taken:]
    if taken and rest and rest[0] in _MINUTES:
        rest = rest[1:]
    return _clock(hour, minutes, rest)


def _bare_minutes(words: list[str], *, counted: bool) -> tuple[int, int]:
    """Return the minutes that directly follow an hour, and their number of words; 0, 0 if none.

    Minutes below ten count only after the word for hours or a zero: `huit heures cinq`, `eight oh
    five`. Minutes in digits count only after the word for hours.
    """
    nought = len(words) > 1 and words[0] in {"oh", "zero", "cero"}
    minutes, taken = _number(words[nought:])
    if minutes is None or (words[nought].isdigit() and not counted):
        return 0, 0
    if nought:
        return (minutes, 1 + taken) if minutes < 10 else (0, 0)
    return (minutes, taken) if counted or minutes >= 10 else (0, 0)


def _without_sharp(words: list[str]) -> list[str]:
    """Return the words without those at their start that mean “exactly”."""
    joined = " ".join(words)
    for sharp in _SHARP:
        if f"{joined} ".startswith(f"{sharp} "):
            return joined.removeprefix(sharp).split()
    return words


def _hour(words: list[str]) -> tuple[int | None, int]:
    """Return the hour that the words begin with, or None, and how many words it has."""
    if words and words[0] in _WHOLE:
        return _WHOLE[words[0]], 1
    hour, taken = _number(words)
    return (hour, taken) if hour is not None and hour <= 24 else (None, 0)


def _amount(words: list[str]) -> tuple[int | None, int]:
    """Return the minutes that the words begin with, or None, and how many words they have.

    Quarters and halves count as minutes.
    """
    after = 1 if words and words[0] in _ARTICLES else 0
    if len(words) > after and words[after] in _QUARTER:
        return 15, after + 1
    if words and words[0] in _HALF:
        return 30, 1
    if len(words) > 1 and words[:2] in (["tre", "quarti"], ["tres", "cuartos"]):
        return 45, 2
    return _number(words)


def _number(words: list[str]) -> tuple[int | None, int]:
    """Return the longest number below sixty at the start, or None, and how many words it has."""
    for taken in range(min(_MOST_WORDS, len(words)), 0, -1):
        number = NUMBERS.get(" ".join(words[:taken]))
        if number is not None:
            return number, taken
    if words and words[0].isdecimal() and len(words[0]) <= 2:
        return int(words[0]), 1
    return None, 0


def _clock(hour: int, minutes: int, rest: list[str]) -> str:
    """Return a time as `H:MM` with the words after it; negative minutes are before the hour."""
    if minutes < 0:
        # A quarter to one is 12:45, not 0:45.
        hour = 12 if hour == 1 else (hour - 1) % 24
        minutes += 60
    return " ".join((f"{hour}:{minutes:02}", *rest))
