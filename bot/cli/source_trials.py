"""What to do about an address that was tried as a source and brought nothing. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urljoin

if TYPE_CHECKING:
    from news.sources.discover import Trial

PRIVATE = "set ALLOW_PRIVATE_SOURCES=true"
ADD_ANYWAY = "--unchecked adds it all the same"
"""What helps whoever wants to add a source that does not answer just now."""

_OTHER = "name the address of a feed, or of a page that lists articles"
_WHOLE = "see in a browser that the address is whole"
_REFUSES = "it refuses programs"
_LATER = "try again later"
_ADVICE = {
    "not a feed": _OTHER,
    "a page": _OTHER,
    "empty document": _OTHER,
    "it is empty": _OTHER,
    "too large": _OTHER,
    "page not found": _WHOLE,
    "http 404": _WHOLE,
    "http 410": _WHOLE,
    "bad redirect": _WHOLE,
    "too many redirects": _WHOLE,
    "no such host": "see how its name is spelt, and that this machine is online",
    "private address": f"for a source of your own, {PRIVATE}",
    **dict.fromkeys(
        ("http 401", "http 402", "http 403", "http 406", "http 451", "wall page"), _REFUSES
    ),
    **dict.fromkeys(
        ("timeout", "no connection", "bad answer", "cut short", "http 429", "http 5"), _LATER
    ),
}
"""What the reason begins with → what to do."""
_NO_FEED_THERE = frozenset({_OTHER, _WHOLE, _REFUSES})


def trouble(trial: Trial, later: str = "") -> str:
    """Why an address brings nothing, and what the operator can do, in one line.

    Args:
        trial: What was found there.
        later: What else can be done about one that may answer another time.
    """
    problem = trial.problem or "it is empty"
    advice = next((each for start, each in _ADVICE.items() if problem.startswith(start)), "")
    parts = [f"{trial.url} cannot be read ({problem})", advice]
    site = urljoin(trial.url, "/")
    if advice in _NO_FEED_THERE and site != trial.url:
        parts.append(f"`onnews sources test {site}` looks for a feed of its site")
    if advice == _LATER:
        parts.append(later)
    return "; ".join(part for part in parts if part)
