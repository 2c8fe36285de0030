"""The bytes behind a picture's address: a JPEG fit for a front page, or why not. In a worker."""

from __future__ import annotations

import logging
import re
import warnings
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from PIL.Image import Image

log = logging.getLogger(__name__)

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "AVIF")
"""What is opened at all: the other fifty readers of the library never see foreign bytes."""
MODES = frozenset({"1", "L", "LA", "La", "P", "PA", "RGB", "RGBA", "RGBa", "CMYK", "YCbCr"})
"""Ways to hold pixels that become RGB without losing what is seen."""
CLEAR = frozenset({"LA", "La", "PA", "RGBA", "RGBa"})
MOST_PIXELS = 40_000_000
"""160 MB once they are unpacked; a worker has 768."""
NARROWEST = 300
"""Pixels: a narrower picture would be blown up."""
LONGISH = 20
"""So many times longer than wide is what Telegram refuses."""
LONGEST_SIDE = 1280
"""What Telegram keeps of a photo."""
QUALITY = 85
LARGEST_PROFILE = 1_000_000
"""Bytes of a colour profile that are read; those of cameras and screens have some thousand."""
ICON = 512
"""A square of at most this many pixels a side is an icon."""

_SAMPLE = 96
"""Pixels a side of what the colours are counted in."""
_DEPTH = 5
"""Bits of red, green and blue by which two colours are told apart."""
_FLAT_COLOURS = 6
_FLAT_SHARE = 0.93
"""Of the pixels, in so few colours: a logo, or words on a ground. A packshot on white has 0.9."""

_NO_PHOTO = re.compile(
    r"(?<![a-z])logo(?:s|type)?(?![a-z])|favicon|touch-icon|avatar|place-?holder|no[-_]?image|"
    r"opengraph|(?:^|[-_/])og[-_]?(?:image|card)|(?:share|social)[-_]?(?:image|card)|"
    r"(?:^|[-_/.])default(?:[-_.]|$)",
    re.IGNORECASE,
)
_NAMED = 200
"""Characters of an address's end in which such a name is looked for."""


class UnfitError(Exception):
    """What is no picture for a front page; `reason` says why, in a few words."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture as it is sent."""

    jpeg: bytes
    width: int
    """Pixels, as is the height."""
    height: int


def names_no_photo(address: str) -> bool:
    """Whether an address says that its picture is a logo, a stand-in, or a card of words."""
    return _NO_PHOTO.search(urlsplit(address).path[-_NAMED:]) is not None


def fit(document: bytes) -> Photo:
    """A picture upright, opaque, in sRGB, and no larger than `LONGEST_SIDE`: the pixels alone.

    Of one that moves the first frame is taken. No comment, EXIF, XMP or profile goes along.

    Raises:
        UnfitError: `no picture`, `too many pixels`, `too small`, `too long`, `an icon`, `few
            colours`.
    """
    from PIL import ImageOps  # noqa: PLC0415  # a quarter of a second, in workers only

    image = _opened(document)
    try:
        # A JPEG need not be unpacked any larger than it is shown.
        image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
        image.load()
        image = _opaque(ImageOps.exif_transpose(image))
    except UnfitError:
        raise
    except Exception as error:
        # The library's readers raise what they like at broken bytes.
        raise UnfitError("no picture") from error
    _check(*image.size)
    if _is_flat(image):
        raise UnfitError("few colours")
    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    image = _in_srgb(image)
    # Or the library writes what it read beside the pixels, such as a comment.
    image.info.clear()
    out = BytesIO()
    image.save(out, "JPEG", quality=QUALITY, optimize=True)
    return Photo(out.getvalue(), *image.size)


def _opened(document: bytes) -> Image:
    """The picture, not unpacked yet."""
    from PIL import Image  # noqa: PLC0415  # as above

    try:
        with warnings.catch_warnings():
            # The library only warns of what would be a gigabyte.
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(BytesIO(document), formats=FORMATS)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise UnfitError("too many pixels") from error
    except Exception as error:
        raise UnfitError("no picture") from error
    width, height = image.size
    if width * height > MOST_PIXELS:
        raise UnfitError("too many pixels")
    return image


def _check(width: int, height: int) -> None:
    if width < NARROWEST:
        raise UnfitError("too small")
    if max(width, height) > LONGISH * min(width, height):
        raise UnfitError("too long")
    if width == height <= ICON:
        raise UnfitError("an icon")


def _opaque(image: Image) -> Image:
    """In RGB, with white behind what is transparent."""
    from PIL import Image as Images  # noqa: PLC0415  # as above

    if image.mode not in MODES:
        raise UnfitError("no picture")
    if image.mode in CLEAR or "transparency" in image.info:
        image = image.convert("RGBA")
        ground = Images.new("RGBA", image.size, "white")
        image = Images.alpha_composite(ground, image)
    return image.convert("RGB")


def _in_srgb(image: Image) -> Image:
    """The colours that a profile says are meant; as they are where it is broken or missing."""
    from PIL import ImageCms  # noqa: PLC0415  # as above

    profile = image.info.get("icc_profile")
    if not isinstance(profile, bytes) or len(profile) > LARGEST_PROFILE:
        return image
    try:
        meant = ImageCms.ImageCmsProfile(BytesIO(profile))
        if meant.profile.xcolor_space.strip() != "RGB":
            return image
        shown = ImageCms.createProfile("sRGB")
        return ImageCms.profileToProfile(image, meant, shown, outputMode="RGB") or image
    except Exception as error:  # noqa: BLE001  # foreign bytes
        log.info("a colour profile was left out: %s", error)
        return image


def _is_flat(image: Image) -> bool:
    """Whether nearly all of it is in a handful of colours, as no photograph is."""
    from PIL import Image as Images  # noqa: PLC0415  # as above

    sample = image.resize((_SAMPLE, _SAMPLE), Images.Resampling.NEAREST)
    shift = 8 - _DEPTH
    sample = sample.point([value >> shift << shift for value in range(256)] * 3)
    found = sample.getcolors(_SAMPLE * _SAMPLE) or []
    most = sorted((count for count, _ in found), reverse=True)[:_FLAT_COLOURS]
    return sum(most) >= _FLAT_SHARE * _SAMPLE * _SAMPLE
