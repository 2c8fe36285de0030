"""A picture for each story: a motif of its section, in a restrained palette, without a word."""

from __future__ import annotations

import io
import random
import zlib
from functools import lru_cache
from typing import TYPE_CHECKING

from PIL import Image, ImageChops, ImageOps

from playground.newsstand import motifs
from playground.newsstand.motifs import Palette

if TYPE_CHECKING:
    from collections.abc import Callable

    from playground.newsstand.stories import Story

    Motif = Callable[[tuple[int, int], Palette, random.Random], Image.Image]

WIDTH, HEIGHT = 1200, 675
CONTENT_TYPE = "image/jpeg"
_SCALE = 2
"""How much larger it is drawn, so that its edges come out smooth."""
_QUALITY = 86

_NIGHT = Palette((24, 28, 38), (74, 92, 120), (206, 214, 222), (226, 190, 128))
_CLARET = Palette((44, 20, 26), (126, 58, 66), (228, 196, 188), (222, 176, 120))
_MOSS = Palette((24, 36, 30), (86, 112, 92), (220, 226, 208), (208, 142, 92))
_SAND = Palette((84, 56, 38), (190, 146, 104), (242, 226, 202), (226, 150, 92))
_INK = Palette((38, 44, 50), (120, 132, 136), (232, 229, 220), (190, 74, 58))
_SLATE = Palette((22, 24, 26), (88, 94, 98), (214, 212, 206), (208, 168, 104))
_PLUM = Palette((36, 26, 42), (112, 86, 120), (226, 212, 222), (222, 180, 132))
_LAGOON = Palette((14, 46, 58), (62, 118, 128), (228, 228, 214), (240, 188, 128))
_CEDAR = Palette((52, 32, 22), (134, 88, 58), (226, 204, 176), (214, 168, 98))

MOTIFS: dict[str, tuple[Motif, tuple[Palette, ...]]] = {
    "Style": (motifs.folds, (_CLARET, _SAND, _NIGHT, _PLUM)),
    "Beauty": (motifs.folds, (_PLUM, _SAND)),
    "Motor": (motifs.streaks, (_SLATE, _CLARET, _MOSS)),
    "Lexus": (motifs.streaks, (_NIGHT, _SLATE)),
    "Bentley": (motifs.quilt, (_MOSS, _CEDAR)),
    "China": (motifs.hills, (_INK, _MOSS)),
    "Asia": (motifs.hills, (_MOSS, _INK)),
    "Dubai": (motifs.dunes, (_SAND,)),
    "Tourism": (motifs.sea, (_LAGOON, _NIGHT)),
    "Yachts": (motifs.sea, (_NIGHT, _LAGOON)),
    "eCommerce": (motifs.lights, (_NIGHT, _PLUM)),
    "eLuxury": (motifs.lights, (_CEDAR, _NIGHT)),
    "Technology": (motifs.lights, (_SLATE, _LAGOON)),
    "Events": (motifs.stage, (_PLUM, _CLARET, _NIGHT)),
    "Videos": (motifs.stage, (_NIGHT, _SLATE)),
    "Learning": (motifs.spines, (_CEDAR, _MOSS)),
    "Job": (motifs.spines, (_INK, _CEDAR)),
    "Sport": (motifs.lanes, (_CLARET, _MOSS)),
    "Jewellery": (motifs.facets, (_NIGHT, _LAGOON)),
    "Watches": (motifs.facets, (_SLATE, _NIGHT)),
    "Art": (motifs.facets, (_CLARET, _MOSS)),
}
OTHERWISE = (motifs.hills, (_INK,))


@lru_cache(maxsize=128)
def tile(story: Story) -> bytes:
    """The picture of a story, a JPEG; always the same for the same story."""
    dice = random.Random(zlib.crc32(story.slug.encode()))  # noqa: S311 - it draws, and hides nothing
    section = story.categories[0] if story.categories else ""
    motif, palettes = MOTIFS.get(section, OTHERWISE)
    palette = dice.choice(palettes)
    drawn = motif((WIDTH * _SCALE, HEIGHT * _SCALE), palette, dice)
    made = _finished(drawn.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS))
    written = io.BytesIO()
    made.save(written, "JPEG", quality=_QUALITY, optimize=True)
    return written.getvalue()


def _finished(picture: Image.Image) -> Image.Image:
    """Darker towards its corners, as through a lens."""
    light = ImageOps.invert(Image.radial_gradient("L")).resize(
        picture.size, Image.Resampling.BICUBIC
    )
    shade = ImageOps.colorize(light, (150, 148, 146), (255, 255, 255), mid=(246, 245, 244))
    return ImageChops.multiply(picture, shade)
