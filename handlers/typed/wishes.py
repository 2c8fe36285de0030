"""A sentence in any order as a wish, its object and its time, found by their words. Pure.

`words/*.toml` lists the phrases of each idea under `wishes`; a key such as `quiet-except` has two.
`RULES` say which ideas together are which wish: a language adds words, and no rules.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
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
SURELY_ALIKE = 0.85
"""How alike a name is that is dropped by a misspelling; `ferragni` is no `ferrari`: 0.8."""
LONGEST_SHORT = 3
"""The most letters of a short name of a day, which may be another word."""
MOST_PARTS = 4
"""The most parts, with `but` between them, of a sentence."""
FURTHEST_APART = 2
"""The most words between two times, as in `from 11 tonight until 7`."""
SHORTEST_QUIET = 60
"""The fewest minutes of quiet hours; `not at 8, at half past 8` names two hours for an edition."""
MOST_LEFT = 3
"""The words beside a wish of which it may be unknown what they mean."""
LONGEST_WORD, LONGEST_CHINESE = 2, 6
"""The most words, and Chinese characters, that are left over and so taken for the wish's object."""
NOON = 12 * 60
UNITS = {"day": 1, "week": 7, "month": 30}
HELD = "\0"
"""Stands for words in quotation marks."""
CHINESE_DIGITS = "零一二三四五六七八九十"
CHINESE_CLOCK = "点點时時刻分条條个個月十半"
CHINESE_DAYS = "一二三四五六日天"
CHINESE_TIMES = "凌清早上中下傍晚夜半午两差" + CHINESE_DIGITS
"""The characters with which a time begins."""

word = re.compile(r"[\u4e00-\u9fff]|\d{1,4}[:.]\d{2}|[^\W_\u4e00-\u9fff]{1,40}|\0")
in_quotes = re.compile('["“„«「]([^"“”»」]{2,60})["”“»」]')

HELD_BACK = "held"
"""The wish of a sentence whose wish is not to be done without asking."""

RULES = (
    *(("undo", "undo !name !time !number"), ("cannot", "cannot"), ("cannot", "price name")),
    *(("forget", "forget"), ("translate", "translate"), ("share", "share")),
    *(("save", "save number"), ("saved", "saved"), ("yours", "yours"), ("muted", "muted")),
    *(("when", "when"), ("quiet", "quiet|alert|night hours"), ("quiet", "stop|except two !name")),
    ("pause", "pause !name"),
    ("pause", "until day|number|unit stop|except !name !only"),
    *(("resume", "resume !name !time !day"), ("zone", "moved"), ("headlines", "headlines")),
    ("front_page", "front !stop !no"),
    *(("headlines", "titles only !name !left"), ("summaries", "plain"), ("leave", "leave !name")),
    ("edition", "weekly !name !left"),
    *(("fewer", "many !name"), ("leave", "stop messages !name !left !time !day !alert !span")),
    *(("quiet", "quiet night !name"), ("unalert", "alert stop name|word")),
    *(("alert", "alert name|word"), ("articles", "tongue articles only|stop|deliver")),
    *(
        ("language", "tongue speak !articles !tongues"),
        ("open", "number open !name !deliver"),
    ),
    *(
        ("edition", "time|day deliver !name !alert !once"),
        ("edition", "day only|except|stop|through !name !left"),
    ),
    ("edition", "time|day at|small|evening|weekly|everyday|days|worse !name !left !alert !once"),
    *(
        ("off", "stop name !only"),
        ("off", "stop word !section !day !time"),
        ("follow", "follow name !no"),
        ("cannot", "price left"),
    ),
    *(("free", "price"), ("who", "who")),
    *(("news", "name news|span|number"), ("news", "news few"), ("help", "help")),
    *(("thanks", "thanks"), ("greeting", "greeting")),
)
"""Wishes with the ideas that each needs (`|`: one of them) or must not have (`!`)."""

LAYOUTS = ("headlines", "front_page", "summaries")
CHANGING = frozenset(
    {
        *("quiet", "pause", "resume", "leave", "alert", "unalert", "articles", "language", "zone"),
        *("edition", "off", "follow", "undo", *LAYOUTS),
    }
)
"""Wishes that change what a chat gets: in a group those of administrators only."""


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
    words = [_not_drawn_out(each) for each in word.findall(folded(bare))[:MOST]]
    parts: list[list[str]] = [[]]
    for at, each in enumerate(words):
        parted = each in _contrasts() and parts[-1] and len(parts) < MOST_PARTS
        parts += [[]] if parted and not _is_inside(words, at) else []
        parts[-1].append(each)
    found = [_wish(part, quotes, named, near) for part in parts]
    wishes = tuple(replace(each, sentence=text) for each in found if each is not None)
    # Who has moved may say at what time to send, too.
    wishes += tuple(
        replace(one, kind="edition") for one in wishes if one.kind == "zone" and one.minutes
    )
    # What stands beside a contrast and is not understood may take the other part back.
    beside = [part for part, each in zip(parts[1:], found[1:], strict=True) if each is None]
    if not any(each.kind in CHANGING for each in wishes):
        return wishes
    if text.rstrip().endswith(("?", "\uff1f")) and any(each.kind == "leave" for each in wishes):
        # `How do I unsubscribe?` is answered with `/stop` and what is less than that.
        return (replace(wishes[0], kind="fewer", sentence=text),)
    if _is_held(words, wishes) or any(_unread(part, named) for part in beside):
        return (replace(wishes[0], kind=HELD_BACK, sentence=text),)
    return wishes


def _not_drawn_out(said: str) -> str:
    """Return a word without a last letter typed again and again: `grazieee` is `grazie`."""
    stem = said.rstrip(said[-1])
    return stem + said[-1] if said.isalpha() and len(said) - len(stem) > 2 else said


def _is_inside(words: list[str], at: int) -> bool:
    """Return whether a word is inside a phrase: Italian `ma` is `but`, not in `dans ma liste`."""
    before = range(max(0, at - 2), at)
    return any(item.end > at for start in before for item in _ideas(words, start))


def _unread(words: list[str], named: Names) -> bool:
    """Return whether a part of a sentence has words that are not understood, or says no."""
    items = list(_items(words, named))
    return bool(_left(words, items)) or any(item.idea in {"except", "stop"} for item in items)


def _is_held(words: list[str], wishes: tuple[Wish, ...]) -> bool:
    """Return whether a sentence forbids, asks how, or makes a condition that is not kept."""
    ideas = {idea for at in range(len(words)) for idea, *_ in _ideas(words, at)}
    asked = "if" in ideas or any(item.idea == "if_first" for item in _ideas(words, 0))
    # `Alert me if there is news` has its condition kept.
    return "hold" in ideas or (asked and any(each.kind != "alert" for each in wishes))


def _wish(words: list[str], quotes: list[str], named: Names, near: Names) -> Wish | None:
    items = list(_items(words, named))
    marked = {item.end for item in items if item.idea == "mark"}
    # `The word Daytona` is no name, though a watch of Rolex is called so, and misspells none.
    items = [each for each in items if each.idea != "name" or each.start not in marked]
    if sum(item.idea == "day" for item in items) == 1:
        # `Mon` is also French for `my`: a short name of a day is one beside another day.
        items = [each for each in items if each.idea != "day" or not _is_short(words, each)]
    left = _left(words, items)
    ideas = {item.idea for item in items}
    guesses = {"follow"} if "name" in ideas else {"follow", "stop", "alert", "news"}
    while left and not marked and ideas & guesses:
        items = [_whole(words, item, left, near) for item in items]
        left = _left(words, items)
        guessed = _guessed(words, left, near, surely="stop" in ideas)
        items = sorted((*items, *guessed), key=lambda item: item.start)
        left, ideas = _left(words, items), ideas | {item.idea for item in guessed}
        if not guessed:
            break
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
    # `But` joins the parts of a sentence, and says no in `every day but Sunday`.
    joined = {0} if words and words[0] in _contrasts() else set()
    has = {item.idea for item in items} | {
        idea
        for idea, holds in (
            ("time", minutes),
            ("hours", minutes[1:]),
            ("two", _near(_hours(items), [each.end for each in items if each.idea == "deliver"])),
            ("day", days),
            ("no", any(item.idea == "except" and item.start not in joined for item in items)),
            ("days", sum(item.idea == "day" for item in items) > 1),
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
    if (kind == "follow" and not beside) or (kind == "edition" and len(set(minutes)) > 1):
        return None
    if not kind or (loose and len(left) > most and HELD not in words):
        return None
    spots = (*left, *(at for each in items if each.idea == "name" for at in _places(each)))
    if kind == "zone":
        begin = max(each.end for each in items if each.idea == "moved")
        ends = [item.start for item in items if item.idea not in {"small", "name"}]
        end = min((at for at in ends if at >= begin), default=len(words))
        city = [at for at in sorted(spots) if begin <= at < end]
        rest = _joined(words, city)
        # An article may be a part of the name: `New York`, `La Paz`.
        spots = tuple(range(begin, city[-1] + 1)) if city else ()
    if kind == "pause" and minutes and "deliver" in has:
        # `Send it at noon, with a break on Sundays` names days, and no end of a pause.
        return None
    if kind == "quiet":
        night = has & {"night", "quiet"} and minutes and 6 * 60 <= minutes[0] < NOON
        minutes = (minutes[0] + NOON * bool(night), minutes[1]) if minutes[1:] else NIGHT
        if (minutes[1] - minutes[0]) % (2 * NOON) < SHORTEST_QUIET:
            return None
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
    found: list[WishPart] = []
    while at < len(words):
        found = [*_ideas(words, at), *(_listed_day(words, at, found) or _number(words, at))]
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


def _listed_day(words: list[str], at: int, before: list[WishPart]) -> list[WishPart]:
    """Return a day that is named by one character behind another day: `周二、五、日`."""
    day = CHINESE_DAYS.find(words[at])
    last = at + 1 == len(words) or words[at + 1] not in CHINESE_CLOCK
    is_day = day >= 0 and last and any(item.idea == "day" for item in before)
    return [WishPart("day", 1 << min(day, 6), at, at + 1)] if is_day else []


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

    What is to be dropped is named `surely`: nearly every letter is right.
    """
    chinese = any(has_cjk(words[at]) for at in left)
    sizes, shortest = ((4, 3), SHORTEST_CHINESE) if chinese else ((3, 2, 1), SHORTEST_GUESSED)
    runs = (range(at, at + size) for size in sizes for at in left)
    whole = [run for run in runs if set(run) <= set(left)]
    for run in [run for run in whole if len(_joined(words, run)) >= shortest][:MOST_GUESSED]:
        slug = near(_joined(words, run))
        said = _joined(words, run)
        if slug is None or said in slug.split("-"):
            continue
        if chinese or not surely or _alike(said, slug) >= SURELY_ALIKE:
            return [WishPart("name", slug, run.start, run.stop)]
    return []


def _is_short(words: list[str], item: WishPart) -> bool:
    said = _joined(words, _places(item))
    return len(said) <= LONGEST_SHORT and said.isascii()


def _alike(name: str, slug: str) -> float:
    return SequenceMatcher(None, name.replace(" ", ""), slug.replace("-", "")).ratio()


def _whole(words: list[str], item: WishPart, left: list[int], near: Names) -> WishPart:
    """Return a name with the word behind it if both misspell it: `patek phillipe`."""
    longer = WishPart(item.idea, item.value, item.start, item.end + 1)
    if item.idea != "name" or item.end not in left:
        return item
    return longer if near(_joined(words, _places(longer))) == item.value else item


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
    """Return the times that are wanted, as minutes after midnight."""
    one = len(_hours(items)) == 1
    late = NOON if one and any(item.idea == "evening" for item in items) else 0
    hours = [int(item.value) * (60 if item.idea == "number" else 1) for item in _hours(items)]
    return tuple(each + late if 60 <= each < NOON else each for each in hours if each < 2 * NOON)


def _hours(items: list[WishPart]) -> list[WishPart]:
    """Return the times that are wanted: not `9` in `9 is too late` or in `instead of 9`.

    A bare number is a time behind a word such as `at`, or if it is wanted in place of another.
    """
    behind = {item.end for item in items if item.idea == "at"}
    unwanted: list[WishPart] = []
    numbered_ = [item for item in items if item.idea in {"time", "number"}]
    for item in items:
        before = [each for each in numbered_ if item.idea == "worse" and each.end <= item.start]
        after = [each for each in numbered_ if item.idea == "instead" and each.start >= item.end]
        unwanted += before[-1:] + after[:1]
    left = [item for item in numbered_ if item not in unwanted]
    hours = [item for item in left if item.idea == "time" or item.start in behind or unwanted]
    sent = [each.end for each in items if each.idea == "deliver"]
    at = [item for item in hours if any(0 <= item.start - end < FURTHEST_APART for end in sent)]
    # Of `I get up at 5, send it at 6` only the second hour is asked for.
    return at if len(at) == 1 and at[0] is hours[-1] and not _near(hours, sent) else hours


def _near(hours: list[WishPart], sent: list[int]) -> bool:
    """Return whether two times are those between which something is: `from 11 to 7`."""
    if len(hours) < 2:
        return False
    between = range(hours[0].end, hours[1].start + 1)
    return len(between) <= 1 + FURTHEST_APART and not any(end in between for end in sent)


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
    for key, phrases in ((str(day), listed("weekdays", str(day))) for day in range(7)):
        yield from ((phrase, "day", 1 << int(key)) for phrase in phrases)
    for number, character in enumerate(CHINESE_DAYS):
        for week in ("周", "星期", "礼拜", "每周", "每星期", "週", "禮拜", "每週"):
            yield week + character, "day", 1 << min(number, 6)
    yield from ((phrase, "tongue", code) for phrase, code in keyed("tongues").items())
    yield from ((phrase, "unit", key) for key in UNITS for phrase in listed("days", key))
    spans = (numbered("days", "ago"), numbered("filters", "spans"))
    yield from ((phrase, "since", days) for table in spans for phrase, days in table.items())
    yield from ((phrase, "mark", "") for phrase in listed("sentences", "marks"))
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
