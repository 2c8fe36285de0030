"""Names that are no settings, though somebody meant them to be; and who else reads the file."""

from __future__ import annotations

import re
import stat
from dataclasses import dataclass, fields
from difflib import get_close_matches
from typing import TYPE_CHECKING

from bot.configuration.settings import NAMES, PROXIES, SettingError, Settings, senseless, written

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

_OTHERS = re.compile(r"TZ|LANG|LC_\w+|PATH|\w+_PROXY|(?:PYTHON|COMPOSE_|POSTGRES_|PG|DOCKER_)\w*")
"""Names in `.env` that are other programs'."""
RETIRED = frozenset({"EDITOR_IDS"})
"""Settings of earlier versions; what an old `.env` still says of them does nothing."""
CORRECT = "write it as in .env.example, or take it out"
"""What to do about a line that cannot be understood."""
_NAMED = 5
"""Lines that are named one by one."""

_SECRETS = {setting.name.upper() for setting in fields(Settings) if not setting.repr}
DECISIVE = (
    _SECRETS
    | {"ALLOWED_IDS", "ADMIN_IDS", "BACKUP_DIR", "TELEGRAM_PROXY", "SOURCES_PROXY"}
    | (set(PROXIES) - {"NO_PROXY"})
)
"""Settings without which the bot would let in everybody, show itself, or keep nothing: a name that
comes near to one of them ends the start."""
_PARAPHRASED = tuple(name for name in NAMES if name in DECISIVE and name not in PROXIES)
"""Those that people call by other names too; the four proxies are called alike everywhere."""
_LONG_WORD = 7
"""Letters from which on a word may have two slips."""
_WORDS_OF_THEIR_OWN = frozenset({"IP", "IPS", "SQL", "URN", "BAR"})
"""Words near to one of a setting's that other programs' names have, such as ALLOWED_IPS."""
_FILLERS = frozenset(
    {"ON", "NEWS", "ONNEWS", "TELEGRAM", "TG", "BOT", "MY", "USER", "CHAT", "GROUP", "FILE"}
)
"""Words that a name may have beside a setting's own, such as ONNEWS_ALLOWED_IDS."""
_ALSO = {
    "IDS": {"USERS", "CHATS", "PEOPLE", "MEMBERS", "USERIDS"},
    "DIR": {"DIRECTORY", "FOLDER"},
    "DATABASE": {"DB"},
    "PROXY": {"PROXIES"},
}
"""Words by which people call those of a setting."""


@dataclass(frozen=True, slots=True)
class Misspelling:
    """A name that is no setting.

    Attributes:
        name: As it is written.
        meant: The setting that it may stand for, if there is one.
        ends_start: Whether nothing may start before it is put right.
        file: Where it is written; None for the environment.
    """

    name: str
    meant: str | None
    ends_start: bool
    file: Path | None = None

    @property
    def line(self) -> str:
        """What an operator reads about it."""
        where = "the environment" if self.file is None else str(self.file)
        if self.name.upper() in RETIRED:
            return f"{self.name} in {where} does nothing any more; take the line out"
        meant = f"did you mean {self.meant}?" if self.meant else ".env.example lists them all"
        return f"{self.name} in {where} is no setting of ON News; {meant}"


def misspellings(environ: Mapping[str, str], env_file: Path | None) -> list[Misspelling]:
    """The names in an environment and an `.env` that are no settings.

    Of the environment only those that come near to a setting's: the others are other programs'. An
    empty value ends no start, since it would set nothing under the right name either.

    Raises:
        SettingError: The file cannot be read.
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
    # What compose hands over from the file is said once.
    named = {one.name for one in found}
    found += [
        Misspelling(name, meant, bool(meant in DECISIVE and value.strip()))
        for name, value in environ.items()
        if name not in named and not _is_setting(name)
        for meant in [_near(name, values)]
        if meant
    ]
    return found


def _is_setting(name: str) -> bool:
    """Whether a name is read: the proxies' in small letters too."""
    return name in NAMES or (name.islower() and name.upper() in PROXIES)


def _meant(name: str, values: Mapping[str, str | None]) -> str | None:
    """The setting that a name in an `.env` may stand for, however far it is from it."""
    near = _near(name, values)
    if near or name.upper() in RETIRED or _OTHERS.fullmatch(name.upper()):
        return near
    return next(iter(get_close_matches(name.upper(), NAMES, 1, 0.75)), None)


def _near(name: str, values: Mapping[str, str | None]) -> str | None:
    """The setting to which a name comes near by slips, or by a word more or another one."""
    words = _words(name)
    if not words or len("".join(words)) > 2 * max(map(len, NAMES)):
        return None
    slips = {each: found for each in NAMES if (found := _slips(words, _words(each))) is not None}
    if slips:
        return min(slips, key=lambda each: slips[each])
    return next(
        (
            each
            for each in _PARAPHRASED
            # Beside the setting itself, it is another program's.
            if not (values.get(each) or "").strip()
            and _paraphrases(words, _words(each))
            and (words[-1] == "FILE" or _would_fit(each, values.get(name) or ""))
        ),
        None,
    )


def _words(name: str) -> list[str]:
    return [word for word in re.split(r"[\W_]+", name.upper()) if word]


def _slips(words: list[str], meant: list[str]) -> int | None:
    """How many slips lead from a setting's words to a name's; None where that is another name."""
    if len(words) != len(meant):
        # A sign between two words was forgotten, or there is one too many.
        joined = "".join(words)
        found = _distance(joined, "".join(meant))
        return None if found and joined.endswith(tuple(_WORDS_OF_THEIR_OWN)) else found
    each = [_distance(word, ours) for word, ours in zip(words, meant, strict=True)]
    slips = [one for one in each if one is not None]
    return sum(slips) if len(slips) == len(each) and sum(slips) <= 2 else None


def _distance(word: str, ours: str) -> int | None:
    """Slips between a word and one of a setting's; None where it is another word.

    A slip is a letter too many, one forgotten, one taken for another, or two swapped. A long word
    may have two, but not two letters taken for others: DATALAKE is no DATABASE.
    """
    from rapidfuzz.distance import OSA, Indel  # noqa: PLC0415  # `--help` need not wait for it

    found = OSA.distance(word, ours)
    if not found:
        return 0
    bound = 2 if len(ours) >= _LONG_WORD and Indel.distance(word, ours) <= 2 else 1
    return None if found > bound or word in _WORDS_OF_THEIR_OWN else found


def _paraphrases(words: list[str], meant: list[str]) -> bool:
    """Whether a name has a setting's words, or what people call them, and only fillers else."""
    left = list(words)
    for ours in meant:
        also = _ALSO.get(ours, set())
        found = next((w for w in left if w in also or _slips([w], [ours]) is not None), None)
        if found is None:
            return False
        left.remove(found)
    return all(word in _FILLERS for word in left)


def _would_fit(name: str, value: str) -> bool:
    """Whether a value could be the setting's."""
    (parse,) = (one.metadata["parse"] for one in fields(Settings) if one.name.upper() == name)
    try:
        return bool(value.strip()) and parse(value.strip()) is not None
    except ValueError:
        return False


def left_out(env_file: Path) -> str | None:
    """What is said of the lines in an `.env` that cannot be understood; None where there are none.

    Raises:
        SettingError: The file cannot be read.
    """
    lines = senseless(env_file)
    if not lines:
        return None
    if len(lines) == 1:
        return f"line {lines[0]} of {env_file} is no NAME=value, and does nothing"
    named = ", ".join(map(str, lines[:_NAMED]))
    more = f" and {len(lines) - _NAMED} more" if len(lines) > _NAMED else ""
    return f"lines {named}{more} of {env_file} are no NAME=value, and do nothing"


def others_can_read(path: Path) -> bool:
    """Whether other users of this machine may read a file."""
    return bool(path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH))


def remarks(env_file: Path | None, names: Iterable[Misspelling]) -> list[str]:
    """What an operator should know of the settings, in lines: wrong names, and who reads them.

    Args:
        env_file: The `.env`.
        names: Those that are no settings.

    Raises:
        SettingError: The file cannot be read.
    """
    broken = None if env_file is None else left_out(env_file)
    lines = [f"{broken}; {CORRECT}"] if broken else []
    lines += [one.line for one in names]
    if env_file is not None and others_can_read(env_file):
        lines.append(f"others on this machine can read {env_file}; chmod 600 {env_file}")
    return lines


def refuse(names: Iterable[Misspelling]) -> None:
    """End the start where a name comes near to a setting that must not be missed.

    Raises:
        SettingError: There is such a name; the error names all of them, in one line.
    """
    wrong = [one for one in names if one.ends_start]
    if wrong:
        others = ", ".join(f"{one.name}: {one.meant}" for one in wrong[1:])
        raise SettingError(
            wrong[0].name,
            f"is no setting of ON News, so nothing is started; write {wrong[0].meant}, or take it "
            f"out{f' (likewise {others})' if others else ''}",
        )
