"""The reason why an article is in a category, taken apart so that a template can translate it."""

from __future__ import annotations

PLACES = {
    "” in the title": "title",
    "” in the standfirst": "standfirst",
    "” in the first paragraph": "body",
    "” in the body": "body",
    "” in the link": "link",
    "” in a tag": "tag",
}
"""How a reason about a word ends, and the part of the article that the word is in."""
BEGINNINGS = {"tag “": "tag", "house ": "house", "group of ": "group", "group ": "group-named"}
"""How another reason begins, and what it is about. The first that fits counts."""


def because(reason: str) -> tuple[str, str]:
    """Return a filing reason's kind, and the word or name it is about; ("", reason) if unknown."""
    for ending, place in PLACES.items():
        if reason.startswith("“") and reason.endswith(ending):
            return place, reason[1 : -len(ending)]
    for beginning, kind in BEGINNINGS.items():
        if reason.startswith(beginning):
            return kind, reason.removeprefix(beginning).removesuffix("”")
    return ("editor", "") if reason == "an editor chose it" else ("", reason)
