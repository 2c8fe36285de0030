"""Sample readers, groups and channels, and typed words, for the templates of conversations."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from storage.model import ChatKind, Taste

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.samples import Sample
    from storage.model import Subscriber

    Values = dict[str, Any]

READER_AND_GROUP = (ChatKind.PRIVATE, ChatKind.GROUP)
BOTH = (True, False)
NEAR = (("bentley", "bulgari"), ("bentley",), ())
"""Slugs of categories that a misspelled name may mean: two, one and none."""


def subscribers(sample: Sample, *kinds: ChatKind) -> list[Subscriber]:
    """Return the sample's subscriber once for each of the given kinds of chat."""
    return [replace(sample.subscriber(), kind=kind) for kind in kinds]


def readers(sample: Sample) -> list[Values]:
    """Return the values of readers and groups with follows, without, and paused; new and known."""
    reader, group = subscribers(sample, *READER_AND_GROUP)
    return [
        {
            "subscriber": each,
            "city": sample.of("city"),
            "now": sample.now,
            "since": since,
            "newcomer": since is None,
        }
        for each in (
            reader,
            group,
            replace(reader, taste=Taste(), next_at=None),
            replace(group, taste=Taste(), next_at=None),
            replace(reader, paused_until=sample.now + timedelta(days=3)),
        )
        for since in (None, sample.now)
    ]


def typed(role: str = "words", /, **states: tuple[object, ...]) -> Callable[[Sample], list[Values]]:
    """Return a function that makes values for typed words, with every combination of flags.

    `role` is a sample text, such as `words` or `city`; `states` has the values of each flag.
    """

    def values(sample: Sample) -> list[Values]:
        made: list[Values] = [{"words": sample.of(role), "now": sample.now}]
        for name, flags in states.items():
            made = [each | {name: flag} for each in made for flag in flags]
        return made

    return values
