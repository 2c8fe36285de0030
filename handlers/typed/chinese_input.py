"""Times and days as Chinese readers type them."""

from __future__ import annotations

import re
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

from handlers.typed.phrases import listed, numbered

_DIGITS = {digit: number for number, digit in enumerate("零一二三四五六七八九")}
_DIGITS |= {"〇": 0, "两": 2, "兩": 2}  # noqa: RUF001  # the round zero
_WEEKDAYS = {day: number for number, day in enumerate("一二三四五六日")} | {"天": 6}
hour_of_clock = re.compile(
    r"(?P<part>凌晨|清晨|早晨|早上|早|上午|中午|下午|傍晚|晚上|晚间|晚|夜里|半夜)?"
    r"(?P<hour>\d{1,2})(?:[点點时時][过過]?|:(?=\d\d))"
    r"(?:(?P<minute>\d{1,2})分?|(?P<half>半)|(?P<quarters>[一三])刻|整|钟|鐘)?"
)
short_of_hour = re.compile(
    r"(?P<part>\D{0,2}?)(?:差(?P<before>一刻|\d{1,2}分?)钟?(?P<hour>\d{1,2}[点點])[钟鐘]?"
    r"|(?P<its>\d{1,2}[点點])差(?P<after>一刻|\d{1,2}分?)[钟鐘]?)"
)
"""A time some minutes before the hour: `差五分九点`, `九点差一刻`."""
_NUMERAL = "(?:[一二三四五]?十[一二三四五六七八九]?|[零〇一二两兩三四五六七八九]{1,2})"
numeral = re.compile(_NUMERAL + "(?=[点點时時分月日号號])")
last_numeral = re.compile("(?<=[点點时時过過])" + _NUMERAL + "$")
day_of_week = re.compile(r"(?P<last>上个?)?(?:周|週|星期|礼拜|禮拜)(?P<day>[一二三四五六日天])")
coming_weekday = re.compile(
    r"(?:(?P<next>下个?)|[这這本])?(?:周|週|星期|礼拜|禮拜)(?P<day>[一二三四五六日天])"
)
span_ahead = re.compile(
    r"(?P<number>\d{1,3}|[一二两兩三四五六七八九十])"
    r"(?P<unit>天|日|周|週|个?星期|个?月)(?P<after>之?[后後])?"
)
behind_date = re.compile(r"(?<=[日号號]) ?[(]?(?:周|週|星期|礼拜|禮拜)[一二三四五六日天][)]?$")


def number_of(numerals: str) -> int:
    """Return the value of digits or Chinese numerals: 35 for `三十五`, 5 for `零五`."""
    if numerals.isdecimal():
        return int(numerals)
    tens, ten, ones = numerals.partition("十")
    if not ten:
        return int("".join(str(_DIGITS[each]) for each in numerals))
    return (_DIGITS.get(tens, 1) * 10) + _DIGITS.get(ones, 0)


def in_digits(written: str) -> str:
    """Return a date or time with digits for Chinese numerals, without the day of the week."""
    bare = behind_date.sub("", written)
    return numeral.sub(lambda match: str(number_of(match.group())), bare)


def minute_of(written: str) -> int | None:
    """Return a time such as `晚上8点半` in minutes after midnight, or None."""
    text = last_numeral.sub(lambda match: str(number_of(match.group())), in_digits(written))
    text = text.replace(" ", "")
    short = short_of_hour.fullmatch(text)
    if short is not None:
        return _short_of(short)
    match = hour_of_clock.fullmatch(text)
    if match is None:
        return None
    hour, part = int(match["hour"]), match["part"] or ""
    if hour == 12 and part in listed("hours", "night"):
        hour = 0
    elif (
        (part in listed("hours", "late") and hour < 12)
        or (part in listed("hours", "evening") and 5 <= hour < 12)
        or (part == "中午" and hour < 3)
    ):
        hour += 12
    minute = int(match["minute"] or 0)
    if match["half"]:
        minute = 30
    elif match["quarters"]:
        minute = 15 if match["quarters"] == "一" else 45
    return hour * 60 + minute if hour < 24 and minute < 60 else None


def _short_of(match: re.Match[str]) -> int | None:
    """Return a time such as `晚上差五分九点` in minutes after midnight, or None."""
    hour = minute_of(match["part"] + (match["hour"] or match["its"]))
    amount = match["before"] or match["after"]
    minutes = 15 if amount == "一刻" else int(amount.removesuffix("分"))
    return (hour - minutes) % (24 * 60) if hour is not None and minutes < 60 else None


def past_day(written: str, today: date) -> date | None:
    """Return a past day, or None if the text is none.

    `昨天` is yesterday, `周一` the last Monday before today, `上周一` the Monday of last week.
    """
    if written in numbered("days", "ago"):
        return today - timedelta(days=numbered("days", "ago")[written])
    match = day_of_week.fullmatch(written)
    if match is None:
        return None
    wanted = _WEEKDAYS[match["day"]]
    if match["last"]:
        return today - timedelta(days=today.weekday() + 7 - wanted)
    return today - timedelta(days=(today.weekday() - wanted - 1) % 7 + 1)


def coming_day(written: str, today: date) -> date | None:
    """Return a future day, or None if the text is none.

    `明天` is tomorrow, `周一` the next Monday after today, `下周一` and `下周` the Monday of next
    week, `三天后` three days from today.
    """
    day = written.removeprefix("直").removeprefix("到")
    if day in numbered("days", "ahead"):
        return today + timedelta(days=numbered("days", "ahead")[day])
    if day in listed("days", "next_week"):
        return today + timedelta(days=7 - today.weekday())
    if day in listed("days", "next_month"):
        return today + relativedelta(months=1, day=1)
    match = coming_weekday.fullmatch(day)
    if match is None:
        return _after_span(day, today)
    wanted = _WEEKDAYS[match["day"]]
    if match["next"]:
        return today + timedelta(days=7 - today.weekday() + wanted)
    return today + timedelta(days=(wanted - today.weekday() - 1) % 7 + 1)


def _after_span(day: str, today: date) -> date | None:
    """Return the day after a span such as `三天后` or `两周`, or None.

    Without `后`, `三月` is March and `三日` a date, so both give None.
    """
    match = span_ahead.fullmatch(day)
    if match is None or (match["unit"] in {"月", "日"} and not match["after"]):
        return None
    count = number_of(match["number"])
    if match["unit"].endswith("月"):
        return today + relativedelta(months=count)
    return today + timedelta(days=count * (1 if match["unit"] in {"天", "日"} else 7))


def since(text: str) -> str | None:
    """Return the day in `自周一` or `周一以来`; None if no word marks it as a beginning."""
    before = next(filter(text.startswith, listed("filters", "before_day")), "")
    after = next(filter(text.endswith, listed("filters", "after_day")), "")
    day = text.removeprefix(before).removesuffix(after).strip()
    return day if day and day != text else None
