"""Conversion of picture bytes to a JPEG for the front page. Runs in a worker."""

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
"""Formats that are opened. The library's other fifty decoders never see foreign bytes."""
MODES = frozenset({"1", "L", "LA", "La", "P", "PA", "RGB", "RGBA", "RGBa", "CMYK", "YCbCr"})
"""Pixel modes that can be converted to RGB without visible loss."""
CLEAR = frozenset({"LA", "La", "PA", "RGBA", "RGBa"})
MOST_PIXELS = 40_000_000
"""Most pixels of a picture: 160 MB unpacked, where a worker has 768 MB."""
NARROWEST = 300
"""Fewest pixels of width; a narrower picture would be enlarged."""
LARGEST_RATIO = 20
"""Ratio of long to short side above which Telegram refuses a picture."""
LONGEST_SIDE = 1280
"""Pixels of the longer side of a photo that Telegram keeps."""
QUALITY = 85
LARGEST_PROFILE = 1_000_000
"""Most bytes of a colour profile that is applied; those of cameras have some thousand."""
ICON = 512
"""Pixels of a side up to which a square picture is an icon."""

_SAMPLE = 96
"""Pixels of a side of the sample in which colours are counted."""
_DEPTH = 5
"""Bits of red, green and blue that are compared when colours are counted."""
_FLAT_COLOURS = 6
_FLAT_SHARE = 0.93
"""Share of pixels in the six commonest colours that marks a logo; a product on white has 0.9."""

_NO_PHOTO = re.compile(
    r"(?<![a-z])logo(?:s|type)?(?![a-z])|favicon|touch-icon|avatar|place-?holder|no[-_]?image|"
    r"opengraph|(?:^|[-_/])og[-_]?(?:image|card)|(?:share|social)[-_]?(?:image|card)|"
    r"(?:^|[-_/.])default(?:[-_.]|$)",
    re.IGNORECASE,
)
_NAMED = 200
"""Characters from the end of an address in which names of logos are looked for."""


class UnfitError(Exception):
    """A picture that is not fit for a front page; `reason` says why, in a few words."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture as it is sent."""

    jpeg: bytes
    width: int
    """Pixels; so is the height."""
    height: int


def names_no_photo(address: str) -> bool:
    """Return whether an address names a logo, a placeholder or a card with words."""
    return _NO_PHOTO.search(urlsplit(address).path[-_NAMED:]) is not None


def fit(document: bytes) -> Photo:
    """Return a picture upright, opaque, in sRGB, `LONGEST_SIDE` pixels long at most.

    Only the first frame is kept, without comments, EXIF, XMP and profiles. Raises UnfitError: `no
    picture`, `too many pixels`, `too small`, `too long`, `an icon`, `few colours`.
    """
    from PIL import ImageOps  # noqa: PLC0415  # takes a quarter of a second; for workers only

    image = _opened(document)
    try:
        # Decode a JPEG no larger than needed.
        image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
        image.load()
        image = _opaque(ImageOps.exif_transpose(image))
    except UnfitError:
        raise
    except Exception as error:
        # The library's decoders raise any exception on broken bytes.
        raise UnfitError("no picture") from error
    _check(*image.size)
    if _is_flat(image):
        raise UnfitError("few colours")
    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    image = _in_srgb(image)
    # Otherwise the library also writes metadata that it read, such as a comment.
    image.info.clear()
    out = BytesIO()
    image.save(out, "JPEG", quality=QUALITY, optimize=True)
    return Photo(out.getvalue(), *image.size)


def _opened(document: bytes) -> Image:
    from PIL import Image  # noqa: PLC0415  # as above

    try:
        with warnings.catch_warnings():
            # By default the library only warns of a decompression bomb.
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
    if max(width, height) > LARGEST_RATIO * min(width, height):
        raise UnfitError("too long")
    if width == height <= ICON:
        raise UnfitError("an icon")


def _opaque(image: Image) -> Image:
    from PIL import Image as Images  # noqa: PLC0415  # as above

    if image.mode not in MODES:
        raise UnfitError("no picture")
    if image.mode in CLEAR or "transparency" in image.info:
        image = image.convert("RGBA")
        ground = Images.new("RGBA", image.size, "white")
        image = Images.alpha_composite(ground, image)
    return image.convert("RGB")


def _in_srgb(image: Image) -> Image:
    """Convert a picture from its colour profile to sRGB; leave it if the profile cannot be used."""
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
        log.info("could not apply a colour profile: %s", error)
        return image


def _is_flat(image: Image) -> bool:
    from PIL import Image as Images  # noqa: PLC0415  # as above

    sample = image.resize((_SAMPLE, _SAMPLE), Images.Resampling.NEAREST)
    shift = 8 - _DEPTH
    sample = sample.point([value >> shift << shift for value in range(256)] * 3)
    found = sample.getcolors(_SAMPLE * _SAMPLE) or []
    most = sorted((count for count, _ in found), reverse=True)[:_FLAT_COLOURS]
    return sum(most) >= _FLAT_SHARE * _SAMPLE * _SAMPLE
