"""Requests in plain sentences: to follow a name, see its news, get more or less of it. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import chain, product
from typing import TYPE_CHECKING, NamedTuple

from handlers.typed.folding import bounded
from handlers.typed.parse_hours import read_hours, read_minute
from handlers.typed.phrases import all_words, keyed, listed
from handlers.typed.plain_words import command_of, courtesy_of, plain, unquoted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

LONGEST = 12
"""The most words before a name."""
LONGEST_NAME = 6
"""The most words of a name or phrase that is worth following."""
MOST_BEHIND = 6
"""The most words after a name."""
QUESTION_MARKS = ("?", "\uff1f")

OF_A_NAME = frozenset({"want", "more", "less", "off", "unfollow"})
"""Requests that need a known name, because `no` and `more` also begin other sentences."""
OF_WORDS = frozenset({"news", "follow", "mute", "unmute"})
"""Requests with any words, of which polite ones at the end are no part."""
WISHES = frozenset({"want", "hour"})
"""Requests of which the words may begin another one: `I want more Gucci`, `send me less Gucci`."""
MOST_LEFT_OUT = 4
"""The most polite phrases at either end of a sentence, or phrases before a name, left out."""
MOST_WISHES = 2
"""The most wishes, one in another, around a request: `And I would like less Gucci`."""
WISHED = OF_A_NAME | {"follow", "mute", "unmute"}
"""Requests that may come after a wish."""
OF_SETTINGS = frozenset({"hour", "quiet", "pause", "language"})
"""Requests with a time, a day or a language in place of a name."""
TIMES: dict[str, Callable[[str], object]] = {"hour": read_minute, "quiet": read_hours}
"""Requests that are none without a time that can be read."""
MOST_NAMES = 8
"""The most names that one request may have."""
LONGEST_SURE, LONGEST_SURE_CHINESE = 3, 8
"""The most words of a phrase, and letters of a Chinese one, that are taken without asking."""

AFTER = ("want", "off", "less", "quiet")
"""Requests that may be made by words after a name: `Gucci news`, `Gucci non mi interessa`."""

part_of_a_sentence = re.compile(r"[^\s'\u2019]{1,200}['\u2019]?|['\u2019]")


@dataclass(frozen=True, slots=True)
class TypedRequest:
    """A sentence split into the kind of request and its subject."""

    kind: str
    """The kind of request: a list of `requests` in the files of words, or `news`; empty if none."""
    words: str
    """The name that the request is about, or the whole sentence."""
    sentence: str
    """The whole sentence, without quotation marks around it."""
    names: tuple[str, ...] = ()
    """The known names, if the request is about several of them."""

    @property
    def searched(self) -> str:
        """The words to search for if the sentence is searched for."""
        return self.sentence if self.kind in OF_SETTINGS else self.words


def read_request(sentence: str, known: Callable[[str], bool]) -> TypedRequest:
    """Return the request in a sentence; polite words are ignored only if the rest is understood.

    `known` returns whether a name is that of a category or of a followed word.
    """
    sentence, known = bounded(sentence), cache(known)
    whole = unquoted(sentence)
    if known(whole):
        return TypedRequest("", whole, whole)
    for asked in dict.fromkeys((sentence, without_courtesies(sentence))):
        found = _read(asked, known)
        if found is not None:
            kind, words = found
            several = _several(words, known) if kind in WISHED and not known(words) else ()
            return TypedRequest(kind, words, whole, several)
        if asked != sentence and (command_of(asked) or courtesy_of(asked) or known(asked)):
            return TypedRequest("", unquoted(asked), whole)
    return TypedRequest("", whole, whole)


def _read(
    text: str, known: Callable[[str], bool], wishes: int = MOST_WISHES
) -> tuple[str, str] | None:
    """Return a request's kind and subject, or None; a wish may hold another request as its name."""
    for kind, name in _as_asked(text):
        if wishes and kind in WISHES and not known(unquoted(without_end(name))):
            inner = _read(name, known, wishes - 1)
            if inner is not None and inner[0] in WISHED:
                return inner
        found = _named(kind, name, known)
        if found is not None:
            return kind, found
    return None


def _named(kind: str, name: str, known: Callable[[str], bool]) -> str | None:
    """Return the subject of a request, or None if the request needs a known name and has none."""
    if kind == "search":
        return unquoted(name)
    polite = _without_behind(name, "sentences", "polite_after")
    if kind in TIMES and TIMES[kind](polite) is None:
        return None
    if kind in OF_SETTINGS:
        return polite
    bare = without_marks(polite) if kind in OF_WORDS else name
    exact = unquoted(bare)
    # Words in quotation marks are meant as they are.
    near = (bare, polite, without_end(polite), without_end(without_courtesies(polite)))
    spelled = chain((exact,), *map(spellings, dict.fromkeys(near if exact == bare else ())))
    found = next((each for each in spelled if known(each)), None)
    if found is None and kind in WISHED:
        found = next((each for each in near if _several(each, known)), None)
    return exact if found is None and kind in OF_WORDS else found


def parted(words: str) -> list[str]:
    """Return the parts of a list such as `Gucci, Prada and Dior`; one part if it is no list."""
    return [part.strip() for part in _between_names().split(words, MOST_NAMES) if part.strip()]


def _several(words: str, known: Callable[[str], bool]) -> tuple[str, ...]:
    """Return the names in a list of known names; none if another word is among them."""
    parts = parted(words) if unquoted(words) == words else []
    if not 1 < len(parts) <= MOST_NAMES:
        return ()
    names = [next((each for each in spellings(part) if known(each)), "") for part in parts]
    return tuple(dict.fromkeys(names)) if all(names) else ()


def is_sure(words: str) -> bool:
    """Return whether words may be followed or muted without asking; a sentence may not."""
    said, chinese = plain(words).split(), sum(map(_in_chinese, words))
    wishing = any(each in words for each in _chinese("sentences", "wishing"))
    if wishing or _spaced("sentences", "wishing").intersection(said):
        return False
    return len(said) <= LONGEST_SURE and chinese <= LONGEST_SURE_CHINESE


def is_name(words: str) -> bool:
    """Return whether words may name what somebody follows; a question or a sentence does not."""
    ends = list(ends_of_words(words))
    if words.rstrip().endswith(QUESTION_MARKS) or len(ends) > LONGEST_NAME:
        return False
    asking = _spaced("sentences", "questions")
    if any(phrase in asking for phrase, _ in ends[:-1]):
        return False
    return not any(each in words for each in _chinese("sentences", "questions"))


def request_of(text: str) -> tuple[str, str]:
    """Return the kind of request in a text, and its name; both empty if there is none."""
    kind, name = next(_as_asked(bounded(text)), ("", ""))
    return kind, unquoted(without_end(name) if kind in OF_A_NAME else name)


def _as_asked(text: str) -> Iterator[tuple[str, str]]:
    """Yield the kind of request by the words before a name, and by those after it."""
    asking = next(
        (each for each in _chinese_before() if text.startswith(each[0]) and text != each[0]), None
    )
    if asking is not None:
        yield asking[1], text[len(asking[0]) :].strip()
    else:
        for phrase, end in reversed(list(ends_of_words(text))):
            name = text[end:].strip()
            if name and (kind := _before().get(phrase, "")):
                yield kind, name
                break
    asked = text.rstrip("".join(QUESTION_MARKS)).rstrip()
    for kind in AFTER:
        name = _without_behind(asked, "requests_after", kind)
        if name != asked:
            yield kind, name


def without_end(text: str) -> str:
    """Return a name without words for news after it; a text that has no name stays whole."""
    asked = text.rstrip("".join(QUESTION_MARKS)).rstrip()
    name = _without_behind(asked, "requests_after", "want")
    return name if name != asked else text


@lru_cache(maxsize=64)
def without_courtesies(text: str) -> str:
    """Return a sentence without polite words at its ends; a text of only such words stays whole."""
    for _ in range(MOST_LEFT_OUT):
        before = text
        for asking in _chinese("sentences", "polite_before"):
            text = text.removeprefix(asking).strip() or text
        for phrase, end in reversed(list(ends_of_words(text))):
            if phrase in _spaced("sentences", "polite_before"):
                text = text[end:].lstrip(" ,.!") or text
                break
        for key in ("polite_after", "endings"):
            text = _without_behind(text, "sentences", key)
        if text == before:
            break
    return text


def without_marks(text: str) -> str:
    """Return a name without words that only say that a word follows, as in `the word crypto`."""
    marks = _spaced("sentences", "marks"), _chinese("sentences", "marks")
    return _without_before(text, *marks) or text


def spellings(name: str) -> Iterator[str]:
    """Yield a name as it is, then without articles and words as in `stories about the watches`."""
    left: str | None = name
    for _ in range(MOST_LEFT_OUT + 1):
        if not left:
            return
        yield left
        left = _without_before(left, _fillers(), _chinese("sentences", "fillers"))


def _without_before(text: str, spaced: frozenset[str], chinese: Sequence[str]) -> str | None:
    """Return a text without the longest of these phrases before it; None if there is none."""
    for each in chinese:
        if text.startswith(each) and text != each:
            return text.removeprefix(each).strip()
    for phrase, end in reversed(list(ends_of_words(text))):
        if phrase in spaced and text[end:].strip():
            return text[end:].strip()
    return None


def ends_of_words(text: str) -> Iterator[tuple[str, int]]:
    """Yield `plain` beginnings of a text up to the end of each of its first words, with lengths."""
    phrase = ""
    for part in [part for part in _parts(text) if part.word][:LONGEST]:
        phrase = f"{phrase} {part.word}" if phrase else part.word
        yield phrase, part.end


class _Part(NamedTuple):
    """A word of a text, as `plain` text, with the places where it begins and ends."""

    word: str
    start: int
    end: int


@lru_cache(maxsize=64)
def _parts(text: str) -> tuple[_Part, ...]:
    """Return the words of a text; one sentence is asked for many phrases at both its ends."""
    found = part_of_a_sentence.finditer(bounded(text))
    return tuple(_Part(plain(part[0]), *part.span()) for part in found)


def _without_behind(text: str, table: str, key: str) -> str:
    """Return a text without a phrase of a list at its end; a text of only that stays whole."""
    for asking in _chinese(table, key):
        if text.endswith(asking) and text != asking:
            return text.removesuffix(asking).strip()
    phrases, phrase, longest = _spaced(table, key), "", text
    for part in reversed(_parts(text)[1:][-MOST_BEHIND:]):
        phrase = f"{part.word} {phrase}".strip()
        if phrase in phrases:
            longest = text[: part.start].rstrip(" ,")
    return longest


def _in_chinese(phrase: str) -> bool:
    return not phrase.isascii() and "\u4e00" <= phrase[0] <= "\u9fff"


@cache
def _before() -> Mapping[str, str]:
    joined = (
        f"{news} {joint}"
        for words in all_words().values()
        for news, joint in product(words["news"]["words"], words["news"]["joints"])
    )
    asking = {
        plain(phrase): kind for phrase, kind in keyed("requests").items() if not _in_chinese(phrase)
    }
    return {plain(phrase): "news" for phrase in joined} | asking


@cache
def _between_names() -> re.Pattern[str]:
    joints = (re.escape(each) for each in listed("sentences", "between_names"))
    spaced = "|".join(each if _in_chinese(each) else rf"(?<=\s){each}(?=\s)" for each in joints)
    return re.compile(rf"[,\uff0c\u3001;+&]\s*(?:{spaced})?|{spaced}", re.IGNORECASE)


@cache
def _fillers() -> frozenset[str]:
    return frozenset().union(
        *(_spaced("sentences", key) for key in ("articles", "fillers")),
        *(_spaced("news", key) for key in ("words", "joints")),
    )


@cache
def _chinese_before() -> tuple[tuple[str, str], ...]:
    asking = {phrase: kind for phrase, kind in keyed("requests").items() if _in_chinese(phrase)}
    about = filter(_in_chinese, listed("news", "words"))
    asking |= dict.fromkeys(about, "news")
    return tuple(sorted(asking.items(), key=lambda each: -len(each[0])))


@cache
def _spaced(table: str, key: str) -> frozenset[str]:
    return frozenset(plain(each) for each in listed(table, key) if not _in_chinese(each))


@cache
def _chinese(table: str, key: str) -> tuple[str, ...]:
    """Return the Chinese phrases of a list, the longest first."""
    return tuple(sorted(filter(_in_chinese, listed(table, key)), key=len, reverse=True))
