"""Times of day that a reader types."""

from __future__ import annotations

import re

from handlers.typed import chinese_input, spoken_hours
from news.text.letters import without_accents

BEFORE_TWO_HOURS = (
    *("from ", "between ", "dalle ore ", "dalle ", "dall'", "dall\N{RIGHT SINGLE QUOTATION MARK}"),
    *("tra le ", "fra le ", "desde la ", "de la "),
    *("desde las ", "de las ", "entre las ", "entre ", "de "),
)
BETWEEN_HOURS = (
    *("-", "\N{EN DASH}", " to ", " until ", " till ", " and "),
    *(" fino alle ", " alle ore ", " alle ", " e le "),
    *(" hasta las ", " a las ", " y las ", " a ", " et ", "至", "到"),
)
"""Words between two times; as in `BEFORE_TWO_HOURS`, without accents, as typed text is read."""
EVERY_DAY = (
    *("every day ", "every morning ", "daily ", "ogni giorno ", "ogni mattina ", "tutti i giorni "),
    *("todos los dias ", "todas las mananas ", "cada dia ", "cada manana ", "tous les jours "),
    *("tous les matins ", "chaque jour ", "chaque matin ", "每天", "每日"),
)
"""Words before a time that add nothing, because an edition comes each day."""
POLITE = (
    *(" please", " per favore", " grazie", " por favor", " gracias", " s'il vous plait"),
    *(" s\N{RIGHT SINGLE QUOTATION MARK}il vous plait", " svp", " merci", "吧", "左右"),
    *(f" {exactly}" for exactly in spoken_hours.EXACTLY),
)
"""Words after a time that express courtesy or exactness."""
AFTERNOON = (
    *("pm", "p.", "p ", "in the afternoon", "in the evening", "de la tarde", "por la tarde"),
    *("du soir", "de l'", "de l\N{RIGHT SINGLE QUOTATION MARK}", "de l "),
    *("di sera", "della sera", "del pom"),
)
"""Beginnings of words that put a time after noon: `8 h du soir`."""
SOME_AFTERNOON = {
    **dict.fromkeys(("at night", "de la noche", "por la noche"), range(6, 12)),
    **dict.fromkeys(("di notte", "della notte"), range(9, 12)),
    **dict.fromkeys(("de la manana", "por la manana"), range(12, 13)),
}
"""Words → the hours that they put after noon: `8 de la noche`, but not `1 de la noche`."""

hour_of_day = re.compile(
    r"(?P<hour>\d{1,2})(?:\s*(?:[:.h点时]|heures)\s*(?P<minute>\d{2})(?:分| ?h(?:oras|rs)?)?"
    r"|\s*(?:heures?|horas?|hr?s|[h点时]))?"
    r"\s*(?P<half>[ap]\.? ?m\.?|in the (?:morning|afternoon|evening)|at night"
    r"|du matin|du soir|de l.apres.midi|d(?:i|ella) (?:mattina|sera|notte)"
    r"|del (?:mattino|pomeriggio)|(?:de|por) la (?:madrugada|manana|tarde|noche))?"
)
four_digits = re.compile(r"(?P<hour>\d{2})(?P<minute>\d{2})(?P<half>)")


def read_minute(text: str) -> int | None:
    """Read a time such as `7:35`, `0735`, `7pm`, `à 7 h 35`, `晚上7点` or `half past eight`.

    Returns:
        Minutes after midnight, or None if the text is no time.
    """
    words = _bare(" ".join(without_accents(text).split())).split()
    written = " ".join(spoken_hours.without_fillers(words))
    match = hour_of_day.fullmatch(written) or four_digits.fullmatch(written)
    if match is None:
        spoken = spoken_hours.in_digits(written)
        match = hour_of_day.fullmatch(spoken) if spoken is not None else None
    if match is None:
        return chinese_input.minute_of(written)
    hour, minute = int(match["hour"]), int(match["minute"] or 0)
    if match["half"]:
        if not 1 <= hour <= 12:
            return None
        late = match["half"].startswith(AFTERNOON) or hour in SOME_AFTERNOON.get(match["half"], ())
        hour = hour % 12 + (12 if late else 0)
    return hour * 60 + minute if hour < 24 and minute < 60 else None


def _bare(written: str) -> str:
    """Return a time without the words around it that add nothing."""
    for before in EVERY_DAY:
        if written.startswith(before):
            written = written.removeprefix(before).lstrip()
            break
    for behind in POLITE:
        written = written.removesuffix(behind)
    return written.rstrip(" ,.!。")


def read_hours(text: str) -> tuple[int, int] | None:
    """Read two times such as `22-7`, `23:30 to 8` or `dalle 22 alle 7`.

    Returns:
        Start and end in minutes after midnight. None if either cannot be read or both are equal.
    """
    written = without_accents(text).strip()
    for before in BEFORE_TWO_HOURS:
        written = written.removeprefix(before)
    for between in BETWEEN_HOURS:
        first, found, last = written.partition(between)
        joined = "-".join((*first.split()[-1:], *last.split()[:1]))
        if between == "-" and spoken_hours.is_number(joined):
            # This hyphen is inside a number: `twenty-two to seven`.
            continue
        start, end = read_minute(first), read_minute(last)
        if found and start is not None and end is not None and start != end:
            return start, end
    return None
