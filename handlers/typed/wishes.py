"""A sentence in any order as a wish, its object and its time, found by their words. Pure.

`words/*.toml` lists the phrases of each idea under `wishes`; a key such as `quiet-except` has two.
`RULES` say which ideas together are which wish: a language adds words, and no rules.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from itertools import chain, pairwise, product
from typing import TYPE_CHECKING, NamedTuple

from handlers.typed.folding import bounded, folded
from handlers.typed.parse_hours import numbers, read_minute
from handlers.typed.phrases import all_words, keyed, listed, numbered
from handlers.typed.story_numbers import spelled_numbers
from news.filing.tokenising.folding import has_cjk
from storage.model import EVERY_DAY, NIGHT, WEEKDAYS, WEEKEND
from templates.language.languages import locale_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from news.filing.taxonomy import Taxonomy

    Names = Callable[[str], str | None]

MOST = 40
"""The words of a sentence that are read; each Chinese character is one."""
LONGEST_TIME = 9
MOST_TIMES = 6
"""The places of a sentence at which a time is looked for."""
LONGEST_NAME, LONGEST_CHINESE_NAME = 4, 6
MOST_GUESSED = 4
"""The phrases that are compared with names for typing errors."""
SHORTEST_GUESSED, SHORTEST_CHINESE = 5, 3
MOST_LEFT = 3
"""The words beside a wish of which it may be unknown what they mean."""
LONGEST_WORD, LONGEST_CHINESE = 2, 6
"""The most words, and Chinese characters, that are left over and so taken for the wish's object."""
NOON = 12 * 60
UNITS = {"day": 1, "week": 7, "month": 30}
HELD = "\0"
"""Stands for words in quotation marks."""
CHINESE_DIGITS = "零一二三四五六七八九十"
CHINESE_TIMES = "凌清早上中下傍晚夜半午两差" + CHINESE_DIGITS
"""The characters with which a time begins."""

word = re.compile(r"[\u4e00-\u9fff]|\d{1,4}[:.]\d{2}|[^\W_\u4e00-\u9fff]{1,40}|\0")
in_quotes = re.compile('["“„«「]([^"“”»」]{2,60})["”“»」]')

RULES = (
    *(("undo", "undo !name !time !number"), ("cannot", "cannot"), ("cannot", "price name")),
    *(("forget", "forget"), ("translate", "translate"), ("share", "share")),
    *(("save", "save number"), ("saved", "saved"), ("yours", "yours"), ("muted", "muted")),
    *(("when", "when"), ("quiet", "quiet|alert|night two"), ("pause", "pause !name")),
    ("pause", "until day|number|unit stop|except !name !only"),
    *(("resume", "resume !name"), ("headlines", "headlines"), ("front_page", "front")),
    *(("summaries", "plain"), ("leave", "leave !name"), ("fewer", "many !name")),
    *(("quiet", "quiet night !name"), ("unalert", "alert stop name|word")),
    *(("alert", "alert name|word"), ("articles", "tongue articles only|stop|deliver")),
    *(
        ("language", "tongue speak !articles !tongues"),
        ("zone", "moved"),
        ("open", "number open !name !deliver"),
    ),
    *(
        ("edition", "time|day deliver !name"),
        ("edition", "day only|except|stop|through !name !left"),
    ),
    ("edition", "time|day at|small|evening|weekly|everyday !name !left"),
    *(("off", "stop name|word"), ("follow", "follow name"), ("cannot", "price left")),
    *(("free", "price"), ("who", "who")),
    *(("news", "name news|span|number"), ("news", "news few"), ("help", "help")),
    *(("thanks", "thanks"), ("greeting", "greeting")),
)
"""Wishes with the ideas that each needs (`|`: one of them) or must not have (`!`)."""


class WishPart(NamedTuple):
    """An idea at its place in a sentence."""

    idea: str
    value: int | str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Wish:
    """What a sentence wishes."""

    kind: str
    names: tuple[str, ...]
    """Slugs of categories."""
    word: str
    """Words that are no known name: what to mute, or where somebody lives."""
    minutes: tuple[int, ...]
    days: int
    """The days of the week, as in `Subscriber.days`; 0 if none are named."""
    numbers: tuple[int, ...]
    languages: tuple[str, ...]
    off: bool
    """Whether it is about what is not wanted."""
    query: str
    """The words of a search, with its days at the end."""
    narrow: bool
    """Whether days or other words narrow the news of a name."""
    sentence: str
    exact: bool
    """Whether the search has days, or words in quotation marks."""


@lru_cache(maxsize=64)
def wishes_in(sentence: str, taxonomy: Taxonomy) -> tuple[Wish, ...]:
    """Return the wishes of a sentence about the categories of a taxonomy."""

    def named(name: str) -> str | None:
        found = taxonomy.find(name)
        return None if found is None else found.slug

    def near(name: str) -> str | None:
        found = () if taxonomy.spoken_for(name) else taxonomy.suggest(name)
        return found[0].slug if found else None

    return read_wishes(sentence, named, near)


def read_wishes(sentence: str, named: Names, near: Names) -> tuple[Wish, ...]:
    """Return the wishes of a sentence; several if it has parts: `no more Gucci but keep Prada`.

    `named` returns the slug of a name, and `near` that of a mistyped one, or None.
    """
    text = bounded(sentence).replace(HELD, " ")
    quotes = [each for each in in_quotes.findall(text) if named(each) is None]
    bare = in_quotes.sub(lambda each: HELD if each[1] in quotes else each[1], text)
    words = word.findall(folded(bare))[:MOST]
    parts: list[list[str]] = [[]]
    for each in words:
        parts += [[]] if each in _contrasts() and parts[-1] else []
        parts[-1].append(each)
    found = (_wish(part, quotes, named, near) for part in parts)
    return tuple(replace(each, sentence=text) for each in found if each is not None)


def _wish(words: list[str], quotes: list[str], named: Names, near: Names) -> Wish | None:
    items = list(_items(words, named))
    left = _left(words, items)
    ideas = {item.idea for item in items}
    if "name" not in ideas and ideas & {"follow", "stop", "alert", "news"}:
        items += _guessed(words, left, near, surely="stop" in ideas)
        items.sort(key=lambda item: item.start)
        left = _left(words, items)
    minutes, days, span = _minutes(items), _days(items), _span(items)
    rest = quotes[0] if HELD in words else _joined(words, left)
    few = len(left) <= (LONGEST_CHINESE if has_cjk(rest) else LONGEST_WORD)
    together = few and left == list(range(left[0], left[0] + len(left))) if left else False
    named_ = [item for item in items if item.idea == "name"]
    # What is followed is a list of names, beside which nothing is left but a piece of one.
    beside = {at for one in named_ for at in (one.start - 1, one.end)}.issuperset(left) and all(
        one.end == two.start or _joints().intersection(words[one.end : two.start])
        for one, two in pairwise(named_)
    )
    has = {item.idea for item in items} | {
        idea
        for idea, holds in (
            ("time", minutes),
            ("two", minutes[1:]),
            ("day", days),
            ("span", span),
            ("tongues", len(_values(items, "tongue")) > 1),
            ("left", left),
            ("few", rest and (few or HELD in words)),
            ("word", together or HELD in words),
        )
        if holds
    }
    kind = next((kind for kind, needs in RULES if _fits(needs, has)), "")
    loose = kind in {"edition", "off", "follow", "alert", "unalert", "news"}
    most = 1 if kind == "follow" else MOST_LEFT if "name" in has or not few else len(left)
    if kind == "follow" and not beside:
        return None
    if not kind or (loose and len(left) > most and HELD not in words):
        return None
    spots = (*left, *(at for each in items if each.idea == "name" for at in _places(each)))
    if kind == "zone":
        begin = max(each.end for each in items if each.idea == "moved")
        spots = tuple(at for at in sorted(spots) if at >= begin)
        rest = _joined(words, [at for place, at in enumerate(spots) if at == spots[0] + place])
    if kind == "quiet":
        night = has & {"night", "quiet"} and minutes and 6 * 60 <= minutes[0] < NOON
        minutes = (minutes[0] + NOON * bool(night), minutes[1]) if minutes[1:] else NIGHT
    asked = _joined(words, sorted(spots)) if HELD not in words else rest
    only = next((each.start for each in items if each.idea == "only"), 0)
    languages = [each for each in items if each.idea == "tongue"]
    behind = [each for each in languages if each.start >= only] or languages
    return Wish(
        kind,
        names=_values(items, "name"),
        word=rest,
        minutes=minutes,
        days=days,
        numbers=tuple(int(each) for each in _values(items, "number")),
        languages=_values(behind, "tongue"),
        off="stop" in has and "only" not in has,
        query=f"{asked} last {span} days" if span else asked,
        narrow=bool(span or left or quotes),
        sentence="",
        exact=bool(span or HELD in words),
    )


def _fits(needs: str, has: set[str]) -> bool:
    return all(
        each[1:] not in has if each[0] == "!" else not has.isdisjoint(each.split("|"))
        for each in needs.split()
    )


def _items(words: list[str], named: Names) -> Iterator[WishPart]:
    """Yield what is understood, from left to right, the longest at each word."""
    at = times = 0
    while at < len(words):
        found = [*_ideas(words, at), *_number(words, at)]
        if times < MOST_TIMES and (words[at][0].isdigit() or words[at] in _clock_words()):
            times += 1
            found += _time(words, at)
        found += _name(words, at, named)
        end = max((item.end for item in found), default=at + 1)
        longest = [item for item in found if item.end == end]
        # An idea beats a name of the same words, and a time beats both.
        best = [item for item in longest if item.idea == "time"] or longest
        yield from (each for each in best if each.idea != "name" or best[0].idea == "name")
        at = end


def _ideas(words: list[str], at: int) -> list[WishPart]:
    for phrase, ideas in _index().get(words[at], ()):
        if words[at : at + len(phrase)] == phrase:
            return [WishPart(idea, value, at, at + len(phrase)) for idea, value in ideas]
    return []


def _number(words: list[str], at: int) -> list[WishPart]:
    at_number = at + (words[at] == "第" and len(words) > at + 1)
    spelled = words[at_number]
    number = int(spelled) if spelled.isdecimal() and len(spelled) <= 3 else 0
    number = number or spelled_numbers().get(spelled, 0) or CHINESE_DIGITS.find(spelled)
    number = 2 if spelled == "两" else number
    # `One` is an article as well.
    known = number > 0 and (at_number > at or numbered("days", "numbers").get(spelled) != 1)
    return [WishPart("number", number, at, at_number + 1)] if known else []


def _time(words: list[str], at: int) -> list[WishPart]:
    for end in range(min(len(words), at + LONGEST_TIME), at, -1):
        text = _joined(words, range(at, end))
        # In `22h et 8h` there are two.
        if any(each[0].isdigit() and each[-1] == "h" for each in words[at + 1 : end]):
            continue
        if end > at + 1 or not (text.isdecimal() or text in numbers() or text in CHINESE_TIMES):
            minute = read_minute(text)
            if minute is not None:
                return [WishPart("time", minute, at, end)]
    return []


def _name(words: list[str], at: int, named: Names) -> list[WishPart]:
    longest = LONGEST_CHINESE_NAME if has_cjk(words[at]) else LONGEST_NAME
    for end in range(min(len(words), at + longest), at, -1):
        name = _joined(words, range(at, end))
        slug = named(name) if len(name) > 1 else None
        if slug is not None:
            return [WishPart("name", slug, at, end)]
    return []


def _guessed(words: list[str], left: list[int], near: Names, *, surely: bool) -> list[WishPart]:
    """Return the name that words which are not understood may misspell.

    What is to be dropped is named `surely`: its first letter is right.
    """
    chinese = any(has_cjk(words[at]) for at in left)
    sizes, shortest = ((4, 3), SHORTEST_CHINESE) if chinese else ((3, 2, 1), SHORTEST_GUESSED)
    runs = (range(at, at + size) for size in sizes for at in left)
    whole = [run for run in runs if set(run) <= set(left)]
    for run in [run for run in whole if len(_joined(words, run)) >= shortest][:MOST_GUESSED]:
        slug = near(_joined(words, run))
        if slug is not None and (chinese or not surely or slug[0] == words[run.start][0]):
            return [WishPart("name", slug, run.start, run.stop)]
    return []


def _places(item: WishPart) -> range:
    return range(item.start, item.end)


def _left(words: list[str], items: list[WishPart]) -> list[int]:
    known = set(chain.from_iterable(map(_places, items)))
    return [at for at, each in enumerate(words) if at not in known and each != HELD]


def _joined(words: list[str], places: list[int] | range) -> str:
    said = [words[at] for at in places if at < len(words)]
    return ("" if any(map(has_cjk, said)) else " ").join(said)


def _values(items: list[WishPart], idea: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(str(item.value) for item in items if item.idea == idea))


def _minutes(items: list[WishPart]) -> tuple[int, ...]:
    """Return the times; a bare number is one only behind a word such as `at`."""
    late = NOON if any(item.idea == "evening" for item in items) else 0
    behind = {item.end for item in items if item.idea == "at"}
    found = []
    for item in items:
        at_hour = item.idea == "number" and item.start in behind
        if item.idea == "time" or at_hour:
            minute = int(item.value) * (60 if at_hour else 1)
            found.append(minute + late if 60 <= minute < NOON else minute)
    return tuple(each for each in found if each < 2 * NOON)


def _days(items: list[WishPart]) -> int:
    """Return the days of the week that are wanted; 0 if none are named."""
    wanted = unwanted = 0
    excluding = False
    # `Send nothing on Sundays` excludes Sundays, too; Italian `basta` may also mean `enough`.
    enough = {item.start for item in items if item.idea == "deliver"}
    for item in items:
        no_more = item.idea == "stop" and item.start not in enough
        excluding = excluding or item.idea == "except" or no_more
        excluding = excluding and item.idea not in {"only", "everyday"}
        if item.idea == "day" and excluding:
            unwanted |= int(item.value)
        elif item.idea == "day":
            wanted |= int(item.value)
    ideas = {item.idea for item in items}
    days = [item for item in items if item.idea == "day"]
    if excluding and not unwanted and days and "only" not in ideas:
        wanted, unwanted = 0, wanted
    through = [item.start for item in items if item.idea == "through"]
    if [each for each in through if days[1:] and days[0].end <= each < days[1].start]:
        first, last = (int(day.value).bit_length() - 1 for day in days[:2])
        wanted |= sum(1 << day % 7 for day in range(first, first + (last - first) % 7 + 1))
    if not wanted and (unwanted or "everyday" in ideas) and "weekly" not in ideas:
        wanted = EVERY_DAY
    return (wanted & ~unwanted) or int("weekly" in ideas)


def _span(items: list[WishPart]) -> int:
    """Return for how many days back something is asked; 0 if no time is named."""
    for item in items:
        if item.idea == "since":
            return max(1, int(item.value))
        near = range(item.start - 2, item.end + 3)
        beside = [each for each in items if each.start in near or each.end in near]
        if item.idea == "unit" and any(each.idea == "recent" for each in beside):
            count = [int(each.value) for each in beside if each.idea == "number"]
            return (count or [1])[0] * UNITS[str(item.value)]
    return 0


@cache
def _contrasts() -> frozenset[str]:
    return frozenset(map(folded, listed("wishes", "contrast")))


@cache
def _joints() -> frozenset[str]:
    return frozenset(word.findall(each)[0] for each in listed("sentences", "between_names"))


@cache
def _clock_words() -> frozenset[str]:
    named = (listed("hours", key) for key in ("noon", "midnight", "half", "quarter"))
    return frozenset(chain(*named, (each.split()[0] for each in numbers()), CHINESE_TIMES))


def _phrases() -> Iterator[tuple[str, str, int | str]]:
    """Yield each phrase with its idea, and the idea's value."""
    for language, tables in all_words().items():
        for key, phrases in tables["wishes"].items():
            for phrase, idea in product(phrases, key.split("-")):
                yield phrase, idea, ""
        weekdays = locale_of(language).days["format"]["wide"]
        for number, name in weekdays.items():
            yield name, "day", 1 << int(number)
            yield f"{name}s", "day", 1 << int(number)
    for number, character in enumerate("一二三四五六日天"):
        for week in ("周", "星期", "礼拜"):
            yield week + character, "day", 1 << min(number, 6)
    yield from ((phrase, "tongue", code) for phrase, code in keyed("tongues").items())
    yield from ((phrase, "unit", key) for key in UNITS for phrase in listed("days", key))
    spans = (numbered("days", "ago"), numbered("filters", "spans"))
    yield from ((phrase, "since", days) for table in spans for phrase, days in table.items())
    before = chain(*(listed("hours", key) for key in ("before", "before_two", "between_two")))
    yield from ((phrase.split()[-1], "at", "") for phrase in before)
    for idea, days in (("weekdays", WEEKDAYS), ("weekend", WEEKEND)):
        yield from ((phrase, "day", days) for phrase in listed("wishes", idea))


@cache
def _index() -> Mapping[str, list[tuple[list[str], list[tuple[str, int | str]]]]]:
    """Return the phrases by their first words, the longest first, with the ideas of each."""
    ideas: defaultdict[tuple[str, ...], dict[tuple[str, int | str], None]] = defaultdict(dict)
    for phrase, idea, value in _phrases():
        ideas[tuple(word.findall(folded(phrase)))][idea, value] = None
    index: defaultdict[str, list[tuple[list[str], list[tuple[str, int | str]]]]] = defaultdict(list)
    for words, meant in sorted(ideas.items(), key=lambda each: -len(each[0])):
        index[words[0]].append((list(words), list(meant)))
    return index
