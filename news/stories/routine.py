"""Recognition of titles that are repeated for other news: columns, series, market reports."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from news.stories.headline_tokens import QUOTED, folded_word
from news.text.date_words import WEEKDAYS
from news.text.letters import table

if TYPE_CHECKING:
    from collections.abc import Sequence
    from collections.abc import Set as AbstractSet

_SHORT = 4
"""Most words of a title that does not distinguish one day's news; a house counts as one."""
_COLUMN = re.compile(
    r"\bof the (?:day|week|month)\b|\bthe (?:day|week|month)(?: ahead)? in\b"
    r"|^(?:your )?(?:daily|weekly|monthly)\b|\bnewsletter\b|\bround-?up\b|\brecap\b"
    r"|\b(?:morning|evening|weekend|news|daily|weekly) (?:briefing|brief|digest)\b"
    r"|\bthings to (?:know|do|see|buy|watch)\b|\bwhat to (?:wear|watch|read|buy|know|do|see)\b"
    r"|\b(?:prices?|rates?) today\b|\b(?:we're|is|are) hiring\b|\bcrossword\b"
    r"|\bhoroscopes?\b|\bhoroskop\b|\boroscopo\b|\bdes (?:tages|monats)\b|\bder woche\b"
    r"|\bdu (?:jour|mois)\b|\bde la sem(?:aine|ana)\b|\bdel (?:giorno|mese|d[ií]a|mes)\b"
    r"|\bdella settimana\b|\brecrute\b|\btop stories\b"
    r"|本周|每日|今日要闻|[日周早晚]报|今日の|今週の",
    re.IGNORECASE,
)
_MARKETS = frozenset(
    map(folded_word, table("market markets bourse index futures gold silver copper platinum bonds"))
)
_MOVES = frozenset(
    map(
        folded_word,
        table("rise fall open close end steady flat mixed edge rally retreat ease firm"),
    )
)
"""Words for what markets do every day. They count only beside a word for a market."""
_SERIES = re.compile(
    r"\b(?:estrazion[ei]|numeri vincenti|superenalotto|winning numbers|lottery|lottozahlen|loterie"
    r"|sorteo|probabili formazioni|dove (?:vederl|guardarl|vedere)\w*|tv e streaming|diretta tv"
    r"|where to watch|how to watch|live stream|tv channel|kick-off time|previsioni meteo|meteo oggi"
    r"|weather forecast|rassegna stampa|prim[ea] pagin[ea]|front pages?|in edicola|notizie in breve"
    r"|news in brief|en bref|almanacco|santo del giorno|cruciverba|palinsesto|programmi tv"
    r"|stasera in tv)\b"
    r"|\bn\. ?\d{2,}|#\d+\b|\b(?:ep|episode|episodio|puntata|folge|vol|volume)\b\.? ?\d+",
    re.IGNORECASE,
)
_OF_SERIES = frozenset(
    map(
        folded_word,
        table(
            """day week month daily weekly monthly newsletter round roundup recap briefing brief
            digest things what price prices rate rates hiring crossword horoscope horoscopes
            horoskop oroscopo tages monats woche jour mois semaine semana giorno mese dia mes
            settimana recrute top stories estrazioni estrazione numeri superenalotto numbers
            lottery lottozahlen loterie sorteo probabili dove tv where how live kick previsioni
            meteo forecast rassegna prima prime front edicola notizie bref almanacco santo
            cruciverba palinsesto programmi ep episode episodio puntata folge vol volume"""
        ),
    )
)
_FIRST_IDEOGRAPH = "\u3000"
_DATED = 4
"""Most words, beside its date, of a title that is repeated daily for other news."""
_EXCHANGES = _MARKETS | frozenset(
    map(
        folded_word,
        table("stock oil crude wall dax ftse nasdaq dow nikkei ibex cac spread borsa borse bolsa"),
    )
)
_TURNS = _MOVES | frozenset(
    map(
        folded_word,
        table(
            """dip decline slip drop gain climb lower higher weigh chiude apre calo rialzo ribasso
            cae sube baisse hausse recul"""
        ),
    )
)
_OF_A_DAY, _OF_A_YEAR = 2, 4
"""Most digits of a day, and digits of a year."""
_CENTURIES = ("19", "20")
_FULL_NAME = 5
"""Fewest letters of a weekday's full name."""
_DAYS = frozenset(
    map(
        folded_word,
        {name for name in WEEKDAYS if len(name) >= _FULL_NAME}
        | table(
            """gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre
            dicembre january february march april june july august september october november
            december janvier fevrier avril juin juillet aout septembre octobre decembre enero
            febrero abril mayo junio julio septiembre octubre noviembre diciembre januar februar
            marz juni juli oktober dezember
            oggi domani ieri stasera today tomorrow yesterday tonight hoy manana ayer
            aujourd'hui demain hier heute morgen gestern"""
        ),
    )
)
_SHORT_MONTHS = frozenset(
    map(
        folded_word,
        table(
            """jan feb mar apr jun jul aug sep sept oct nov dec janv fevr avr juil giu lug ott dic
            ene abr okt dez"""
        ),
    )
)
"""Months' names cut short, which may be other words unless a day's number is beside them."""
MARKETS_LAST = 3
"""Hours after which another report of market movements is of another event."""


def is_column(title: str) -> bool:
    """Return whether a title is that of a column, which is repeated for other news."""
    return _COLUMN.search(title) is not None


def is_routine(words: AbstractSet[str], *, housed: bool) -> bool:
    """Return whether a title may be repeated on another day: `Wall Street opens higher`."""
    if any(word[0].isdigit() for word in words):
        return False
    if len(words) <= _SHORT - housed or not words.isdisjoint(QUOTED):
        return True
    return not (_MARKETS.isdisjoint(words) or _MOVES.isdisjoint(words))


def hours_of(
    title: str, words: Sequence[str], undated: Sequence[str], *, housed: bool
) -> int | None:
    """Return the hours within which another report may be of the same event, or None if unlimited.

    The result is 0 for a column such as `Tg Sport - 20/1/2026`, which shares no event, and a few
    hours for a market report such as `Stocks fall on weak data`.
    """
    if len(undated) < len(words) and len(set(undated)) <= _DATED:
        return 0
    if _may_be_series(title, words) and (_SERIES.search(title) or is_column(title)):
        return 0
    if housed or _EXCHANGES.isdisjoint(words) or _TURNS.isdisjoint(words):
        return None
    return MARKETS_LAST


def _may_be_series(title: str, words: Sequence[str]) -> bool:
    """Return whether a title has a word of a series: a fast test before the patterns."""
    return (
        not _OF_SERIES.isdisjoint(words)
        or any(map(str.isdigit, words))
        or "#" in title
        or max(title, default="") > _FIRST_IDEOGRAPH
    )


def without_dates(words: Sequence[str]) -> list[str]:
    """Return words without those of dates: `20 gennaio 2026`, `28 Feb`, `Friday`, `today`."""
    if _DAYS.isdisjoint(words) and not any(map(str.isdigit, words)):
        return list(words)
    kept = []
    for place, word in enumerate(words):
        if word in _DAYS:
            continue
        beside = (*words[max(place - 1, 0) : place], *words[place + 1 : place + 2])
        if word in _SHORT_MONTHS and any(
            each.isdigit() and len(each) <= _OF_A_DAY for each in beside
        ):
            continue
        if word.isdigit():
            if len(word) == _OF_A_YEAR and word.startswith(_CENTURIES):
                continue
            if len(word) <= _OF_A_DAY and any(map(_is_of_a_date, beside)):
                continue
        kept.append(word)
    return kept


def _is_of_a_date(word: str) -> bool:
    return (
        word in _DAYS
        or word in _SHORT_MONTHS
        or (word.isdigit() and len(word) in {1, 2, _OF_A_YEAR})
    )
