"""The search for misspelled setting names, and for a `.env` that others can read.

Functions that read `.env` raise SettingError if it cannot be read.
"""

from __future__ import annotations

import re
import stat
from collections import Counter
from dataclasses import dataclass, fields
from difflib import get_close_matches
from typing import TYPE_CHECKING

from bot.configuration.settings import (
    NAMES,
    PROXIES,
    SettingError,
    Settings,
    unreadable_lines,
    written,
)
from storage.replicas.roles import Role

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

_OTHERS = re.compile(r"TZ|LANG|LC_\w+|PATH|\w+_PROXY|(?:PYTHON|COMPOSE_|POSTGRES_|PG|DOCKER_)\w*")
"""Names in `.env` that belong to other programs."""
CORRECT = "write it as in .env.example, or remove it"
"""The advice about a line that cannot be parsed."""
_NAMED = 5
"""Number of unparsable lines that are listed by line number."""

_SECRETS = {setting.name.upper() for setting in fields(Settings) if not setting.repr}
DECISIVE = (
    _SECRETS
    | {"ALLOWED_IDS", "ADMIN_IDS", "EDITOR_IDS", "BACKUP_DIR", "TELEGRAM_PROXY", "SOURCES_PROXY"}
    | {"ROLES", "MAIL_IN", "MAIL_IN_AUTHSERV"}
    | (set(PROXIES) - {"NO_PROXY"})
)
"""Settings that protect access, privacy or data, or divide the work between processes.

A name similar to one of them prevents the start.
"""
_PARAPHRASED = tuple(name for name in NAMES if name in DECISIVE and name not in PROXIES)
"""Decisive settings that people may name by synonyms; the proxies' names are standard."""
_LONG_WORD = 7
"""Fewest letters of a word that may have two typing errors."""
_WORDS_OF_THEIR_OWN = frozenset({"IP", "IPS", "SQL", "URN", "BAR"})
"""Words of other programs' names that resemble a setting's word, as in ALLOWED_IPS."""
_NAMES_OF_THEIR_OWN = frozenset({"ADMIN_USER"})
"""Names of other programs that resemble a setting: of a database's account, for instance."""
_FILLERS = frozenset(
    {"ON", "NEWS", "ONNEWS", "TELEGRAM", "TG", "BOT", "MY", "USER", "CHAT", "GROUP", "FILE", "LIST"}
    | {"ID", "IDS"}
)
"""Words that a misspelled name may add, as in ONNEWS_ALLOWED_IDS."""
_PEOPLE = {"USER", "CHAT", "GROUP", "PERSON", "MEMBER", "USERID"}
_ALSO = {
    "IDS": _PEOPLE | {f"{one}S" for one in _PEOPLE} | {"PEOPLE", "LIST"},
    "ALLOWED": {"PERMITTED", "AUTHORIZED", "AUTHORISED"},
    "DIR": {"DIRECTORY", "FOLDER"},
    "DATABASE": {"DB"},
    "PROXY": {"PROXIES"},
}
"""Word in a setting's name → synonyms."""


@dataclass(frozen=True, slots=True)
class Misspelling:
    """A name that is not a setting.

    `meant` is the setting that was probably meant; `file` is None for the environment.
    """

    name: str
    meant: str | None
    ends_start: bool
    file: Path | None = None

    @property
    def line(self) -> str:
        """One line that reports the wrong name to the operator."""
        where = "the environment" if self.file is None else str(self.file)
        meant = f"did you mean {self.meant}?" if self.meant else ".env.example lists them all"
        return f"{self.name} in {where} is not a setting of ON News; {meant}"


def misspellings(environ: Mapping[str, str], env_file: Path | None) -> list[Misspelling]:
    """Return the names in the environment and in `.env` that are not settings.

    From the environment only names similar to a setting are returned, because others belong to
    other programs. A name without a value does not prevent the start.
    """
    in_file = {} if env_file is None else written(env_file)
    values = {**in_file, **environ}
    found = [
        Misspelling(
            name, meant, bool(meant in DECISIVE and (in_file[name] or "").strip()), env_file
        )
        for name in in_file
        if not _is_setting(name)
        for meant in [_meant(name, values)]
        if meant or not _OTHERS.fullmatch(name.upper())
    ]
    # Docker Compose may pass the file's names in the environment too; report them once.
    named = {one.name for one in found}
    found += [
        Misspelling(name, meant, bool(meant in DECISIVE and value.strip()))
        for name, value in environ.items()
        if name not in named and not _is_setting(name)
        for meant in [_near(name, values)]
        if meant and (meant != "ROLES" or _names_a_role(value))
    ]
    return found


def _is_setting(name: str) -> bool:
    """Return whether a name is a setting; the proxies' names may be in lower case."""
    return name in NAMES or (name.islower() and name.upper() in PROXIES)


def _meant(name: str, values: Mapping[str, str | None]) -> str | None:
    """Return the setting that a name in `.env` may mean, by a loose comparison, or None."""
    near = _near(name, values)
    if near or _OTHERS.fullmatch(name.upper()):
        return near
    return next(iter(get_close_matches(name.upper(), NAMES, 1, 0.75)), None)


def _near(name: str, values: Mapping[str, str | None]) -> str | None:
    """Return the setting that a name resembles by typing errors or synonyms, or None."""
    words = _words(name)
    if not words or len("".join(words)) > 2 * max(map(len, NAMES)):
        return None
    # A name that begins with the program's own belongs to no other program.
    prefixes: tuple[list[str], ...] = ([], ["ONNEWS"], ["ON", "NEWS"])
    forms = [words[len(each) :] for each in prefixes if words[: len(each)] == each]
    slips = {
        each: found
        for each in NAMES
        for form in forms
        if (found := _slips(form, _words(each))) is not None
    }
    if slips:
        return min(slips, key=lambda each: slips[each])
    return next(
        (
            each
            for each in _PARAPHRASED
            # If the setting itself is set, the name belongs to another program.
            if not (values.get(each) or "").strip()
            and name not in _NAMES_OF_THEIR_OWN
            and _paraphrases(words, _words(each))
            and (words[-1] == "FILE" or _would_fit(each, values.get(name) or ""))
        ),
        None,
    )


def _words(name: str) -> list[str]:
    return [word for word in re.split(r"[\W_]+", name.upper()) if word]


def _slips(words: list[str], meant: list[str]) -> int | None:
    if len(words) != len(meant):
        # An underscore may be missing, or there is one too many.
        joined = "".join(words)
        found = _distance(joined, "".join(meant))
        return None if found and joined.endswith(tuple(_WORDS_OF_THEIR_OWN)) else found
    slips = 0
    for word, ours in zip(words, meant, strict=True):
        found = _distance(word, ours)
        if found is None:
            return None
        slips += found
    return slips if slips <= 2 else None


def _distance(word: str, ours: str) -> int | None:
    """Return the typing errors between two words, or None if they are different words.

    A typing error is a letter added, omitted, replaced, or two letters swapped. A long word may
    have two, but not two replaced letters: DATALAKE is not DATABASE.
    """
    if word == ours:
        return 0
    if ours.endswith("Y") and word in {f"{ours[:-1]}IE", f"{ours[:-1]}IES"}:
        return 1
    most = 2 if len(ours) >= _LONG_WORD else 1
    letters, our_letters = Counter(word), Counter(ours)
    if max((letters - our_letters).total(), (our_letters - letters).total()) > most:
        return None
    # Imported here, because most starts meet no word of such letters, and it takes 2 MiB.
    from rapidfuzz.distance import OSA, Indel  # noqa: PLC0415

    found = OSA.distance(word, ours)
    bound = most if Indel.distance(word, ours) <= 2 else 1
    return None if found > bound or word in _WORDS_OF_THEIR_OWN else found


def _paraphrases(words: list[str], meant: list[str]) -> bool:
    """Return whether a name consists of a setting's words or their synonyms, and fillers."""
    left = list(words)
    for ours in meant:
        also = _ALSO.get(ours, set())
        found = next((w for w in left if w in also or _slips([w], [ours]) is not None), None)
        if found is None:
            return False
        left.remove(found)
    return all(word in _FILLERS for word in left)


def _would_fit(name: str, value: str) -> bool:
    (parse,) = (one.metadata["parse"] for one in fields(Settings) if one.name.upper() == name)
    try:
        return bool(value.strip()) and parse(value.strip()) is not None
    except ValueError:
        return False


def _names_a_role(value: str) -> bool:
    """Return whether a value of `ROLE` or the like means this program; others use the name too."""
    return bool({part.strip().lower() for part in value.split(",")} & set(Role))


def left_out(env_file: Path) -> str | None:
    """Return a report of the unparsable lines in `.env` that do not prevent the start, or None."""
    lines = unreadable_lines(env_file).keys() - decisive_lines(env_file).keys()
    if not lines:
        return None
    if len(lines) == 1:
        return f"line {min(lines)} of {env_file} is not NAME=value, and is ignored"
    named = ", ".join(map(str, sorted(lines)[:_NAMED]))
    more = f" and {len(lines) - _NAMED} more" if len(lines) > _NAMED else ""
    return f"lines {named}{more} of {env_file} are not NAME=value, and are ignored"


def others_can_read(path: Path) -> bool:
    """Return whether other users of this machine may read a file."""
    return bool(path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH))


def remarks(env_file: Path | None, names: Iterable[Misspelling]) -> list[str]:
    """Return warnings about `.env` for the operator: bad lines, wrong names, permissions."""
    broken = None if env_file is None else left_out(env_file)
    lines = [f"{broken}; {CORRECT}"] if broken else []
    lines += [one.line for one in names]
    if env_file is not None and others_can_read(env_file):
        lines.append(f"others on this machine can read {env_file}; chmod 600 {env_file}")
    return lines


def decisive_lines(env_file: Path) -> dict[int, str]:
    """Return the unparsable lines in `.env` that name a decisive setting: line number → setting."""
    found = {}
    for number, line in unreadable_lines(env_file).items():
        words = re.findall(r"\w+", line)[:3]
        for name in (*words, "_".join(words[:2])):
            meant = name if name in NAMES else _near(name, {})
            if meant in DECISIVE:
                found[number] = meant
                break
    return found


def refuse(names: Iterable[Misspelling], env_file: Path | None = None) -> None:
    """Prevent the start if a name resembles a decisive setting, or if its line cannot be parsed.

    The SettingError lists all names in one line.
    """
    lines = {} if env_file is None else decisive_lines(env_file)
    if lines:
        number, meant = next(iter(lines.items()))
        raise SettingError(
            meant,
            f"line {number} of {env_file} cannot be read, so the bot does not start; write "
            f"{meant}=value, or remove the line",
        )
    wrong = [one for one in names if one.ends_start]
    if wrong:
        others = ", ".join(f"{one.name}: {one.meant}" for one in wrong[1:])
        raise SettingError(
            wrong[0].name,
            f"is not a setting of ON News, so the bot does not start; write {wrong[0].meant}, or "
            f"remove it{f' (likewise {others})' if others else ''}",
        )
