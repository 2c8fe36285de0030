"""The newspaper's pictures: a few files in `pictures/`, of which each story has one."""

from __future__ import annotations

import zlib
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from playground.newsstand.stories import Story

WIDTH, HEIGHT = 800, 450
CONTENT_TYPE = "image/jpeg"


@cache
def pictures() -> Mapping[str, bytes]:
    """Every picture, a JPEG of `WIDTH` by `HEIGHT` pixels, by its name."""
    folder = resources.files("playground.newsstand") / "pictures"
    files = sorted(folder.iterdir(), key=lambda file: file.name)
    return {file.name.removesuffix(".jpg"): file.read_bytes() for file in files}


def picture_of(story: Story) -> bytes:
    """The picture of a story; always the same for the same story.

    Raises:
        KeyError: there is no picture of the name that the story gives.
    """
    if story.picture:
        return pictures()[story.picture]
    names = tuple(pictures())
    return pictures()[names[zlib.crc32(story.slug.encode()) % len(names)]]
