"""The newspaper's pictures: a few files in `pictures/`, one of them for each story."""

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
    """Return every picture by name, each a JPEG of `WIDTH` by `HEIGHT` pixels."""
    folder = resources.files("playground.newsstand") / "pictures"
    files = sorted(folder.iterdir(), key=lambda file: file.name)
    return {file.name.removesuffix(".jpg"): file.read_bytes() for file in files}


def picture_of(story: Story) -> bytes:
    """Return the picture of a story, always the same one.

    Raises:
        KeyError: There is no picture with the name that the story gives.
    """
    if story.picture:
        return pictures()[story.picture]
    names = tuple(pictures())
    return pictures()[names[zlib.crc32(story.slug.encode()) % len(names)]]
