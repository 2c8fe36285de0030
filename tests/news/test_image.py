"""Which pictures are accepted, and how they are converted."""

from __future__ import annotations

import io
import random
import struct
import zlib
from contextlib import suppress

import pytest
from PIL import Image, ImageChops, ImageCms, ImageDraw, ImageFilter

from news import image
from news.image import UnfitError, fit, names_no_photo
from workers.pool import Workers


def photo(width: int = 800, height: int = 500, mode: str = "RGB", seed: int = 1) -> Image.Image:
    """Return a picture with light and grain, the same for the same seed."""
    light = Image.radial_gradient("L").resize((width, height))
    # Pillow's own noise goes on from call to call.
    dice = random.Random(seed)  # noqa: S311 - dice, no secret
    grain = Image.frombytes("L", (width, height), dice.randbytes(width * height))
    haze = Image.linear_gradient("L").resize((width, height)).filter(ImageFilter.GaussianBlur(9))
    return Image.merge("RGB", (light, grain, haze)).convert(mode)


def saved(picture: Image.Image, form: str = "PNG", **how: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, form, **how)
    return out.getvalue()


def opened(document: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(document))
    picture.load()
    return picture


def colour(picture: Image.Image, x: int, y: int) -> tuple[int, ...]:
    """Return the red, green and blue of a pixel."""
    found = picture.getpixel((x, y))
    assert isinstance(found, tuple)
    return found


def differ(one: Image.Image, other: Image.Image) -> int:
    """Return the largest difference of two pictures' tiles in red, green or blue."""
    tiles = (each.resize((8, 5), Image.Resampling.BOX) for each in (one, other))
    bands = ImageChops.difference(*tiles).split()
    return max(max(each.tobytes()) for each in bands)


def refused(document: bytes) -> str:
    with pytest.raises(UnfitError) as error:
        fit(document)
    return error.value.reason


def a_png_that_claims(width: int, height: int) -> bytes:
    """Return a small PNG whose header claims this number of pixels."""

    def chunk(name: bytes, data: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(name + data))
        return struct.pack(">I", len(data)) + name + data + check

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b""))
        + (chunk(b"IEND", b""))
    )


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_a_picture_of_every_kind_becomes_a_jpeg(form: str) -> None:
    found = fit(saved(photo(), form))
    assert (found.width, found.height) == (800, 500)
    shown = opened(found.jpeg)
    assert (shown.format, shown.mode, shown.size) == ("JPEG", "RGB", (800, 500))
    assert not shown.getexif()


def test_a_large_picture_is_scaled_and_a_small_one_is_not() -> None:
    found = fit(saved(photo(3000, 2000), "JPEG"))
    assert (found.width, found.height) == (1280, 853)
    assert fit(saved(photo(300, 200))).width == 300


def test_transparent_pictures_get_a_white_background() -> None:
    picture = photo(mode="RGBA")
    picture.paste((0, 0, 0, 0), (0, 0, 300, 500))
    assert min(colour(opened(fit(saved(picture)).jpeg), 100, 250)) > 250
    drawn = picture.convert("RGB").quantize(64)
    clear = drawn.getpixel((100, 250))
    shown = opened(fit(saved(drawn, transparency=clear)).jpeg)
    assert min(colour(shown, 100, 250)) > 250


def test_cmyk_pictures_become_rgb() -> None:
    scene = photo()
    found = opened(fit(saved(scene.convert("CMYK"), "JPEG", quality=95)).jpeg)
    assert found.mode == "RGB"
    assert differ(found, scene) < 40


def test_exif_rotation_is_applied() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    found = fit(saved(photo(800, 500), "JPEG", exif=exif))
    assert (found.width, found.height) == (500, 800)
    assert differ(opened(found.jpeg), photo(800, 500).transpose(Image.Transpose.ROTATE_270)) < 40


def test_the_first_frame_of_an_animation_is_used() -> None:
    still = photo(400, 300)
    other = still.transpose(Image.Transpose.ROTATE_180)
    for form in ("GIF", "WEBP", "PNG"):
        document = saved(still, form, save_all=True, append_images=[other])
        found = fit(document)
        assert (found.width, found.height) == (400, 300)
        assert differ(opened(found.jpeg), still) < 40


def test_files_that_are_not_pictures_are_refused() -> None:
    svg = b'<svg xmlns="http://www.w3.org/2000/svg" width="800" height="500"/>'
    for document in (
        b"",
        b"<html>not here</html>",
        svg,
        saved(photo())[:2000],
        b"RIFF0000WEBPVP8 ",
    ):
        assert refused(document) == "no picture"
    # Formats that no site shows are not even looked at.
    assert refused(saved(photo(), "TIFF")) == "no picture"
    assert refused(saved(photo(), "BMP")) == "no picture"


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "GIF", "AVIF"])
def test_a_broken_picture_is_refused_wherever_it_breaks(form: str) -> None:
    whole = saved(photo(320, 200), form)
    for cut in range(20, 2000, 180):
        damaged = whole[:cut] + bytes(64) + whole[cut + 64 : -10]
        with suppress(UnfitError):
            assert fit(damaged).width == 320


def test_a_narrow_a_long_and_a_square_small_picture_are_refused() -> None:
    assert refused(saved(photo(299, 400))) == "too small"
    assert fit(saved(photo(300, 400))).width == 300
    assert refused(saved(photo(420, 20))) == "too long"
    assert fit(saved(photo(400, 20))).height == 20
    assert refused(saved(photo(512, 512))) == "an icon"
    assert fit(saved(photo(513, 513))).width == 513


def test_a_logo_and_a_card_of_words_are_refused() -> None:
    logo = Image.new("RGB", (1200, 800), "white")
    draw = ImageDraw.Draw(logo)
    draw.ellipse((400, 250, 800, 550), outline="black", width=30)
    assert refused(saved(logo)) == "few colours"
    card = Image.new("RGB", (1200, 630), "#1d1a17")
    draw = ImageDraw.Draw(card)
    for line in range(3):
        draw.text((90, 150 + 110 * line), "Prada buys Versace", fill="#f4ede1", font_size=90)
    assert refused(saved(card, "JPEG", quality=75)) == "few colours"
    packshot = Image.new("RGB", (1200, 800), "white")
    packshot.paste(photo(420, 280), (390, 260))
    assert fit(saved(packshot)).width == 1200


def test_a_picture_of_huge_dimensions_is_not_decoded() -> None:
    for width, height in ((7_000, 6_000), (50_000, 50_000), (1, 2**31 - 1)):
        assert refused(a_png_that_claims(width, height)) == "too many pixels"


async def test_a_picture_of_many_pixels_stays_within_what_a_worker_may_have() -> None:
    side = 6_300
    document = saved(Image.linear_gradient("L").resize((side, side)).convert("RGBA"), "PNG")
    assert side * side < image.MOST_PIXELS
    pool = Workers(1)
    found = await pool.run(fit, document, timeout=300)
    await pool.close()
    assert (found.width, found.height) == (1280, 1280)


def test_logos_and_icons_are_recognised_by_their_address() -> None:
    for address in (
        "https://cms.example/2024/06/Toyota-Corporate-Logo.jpg",
        "https://static.example/company-logo/tm-lg.png",
        "https://www.example/opengraph-image?c3f67d",
        "https://cdn.example/assets/og-image.png",
        "https://cdn.example/default.jpg",
        "https://cdn.example/img/placeholder.png",
    ):
        assert names_no_photo(address), address
    for address in (
        "https://cdn.example/2026/11/prada-versace.jpg?logo=1",
        "https://cdn.example/2026/catalogo-autunno.jpg",
        "https://cdn.example/logistics-hub.jpg",
        "https://cdn.example/social-club-milan.jpg",
        "https://cdn.example/sharing-economy.jpg",
    ):
        assert not names_no_photo(address), address


def test_metadata_is_removed_from_pictures() -> None:
    exif = Image.Exif()
    exif[0x010E] = "a house"
    scene = photo()
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    documents = [
        saved(scene, "JPEG", comment=b"secret words", exif=exif, icc_profile=profile),
        saved(scene, "JPEG", xmp=b"<x:xmpmeta>secret words</x:xmpmeta>", dpi=(300, 300)),
        saved(scene, "PNG", exif=exif, icc_profile=profile, dpi=(300, 300)),
        saved(scene, "WEBP", exif=exif, icc_profile=profile, xmp=b"secret words"),
        saved(scene, "GIF", comment=b"secret words"),
        saved(scene, "AVIF", exif=exif, icc_profile=profile, xmp=b"secret words"),
    ]
    for document in documents:
        found = fit(document).jpeg
        assert set(opened(found).info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
        assert not {0xE1, 0xE2, 0xED, 0xFE} & segments(found)
        assert b"secret" not in found


def segments(jpeg: bytes) -> set[int]:
    """Return the markers of a JPEG's segments before its pixels."""
    found, at = set(), 2
    while jpeg[at + 1] != 0xDA:
        found.add(jpeg[at + 1])
        at += 2 + int.from_bytes(jpeg[at + 2 : at + 4])
    return found


def test_colour_profiles_are_applied() -> None:
    """This profile swaps red and blue, as no camera's does."""
    scene = photo()
    swapped = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    red, blue = swapped.index(b"rXYZ"), swapped.index(b"bXYZ")
    swapped[red : red + 4], swapped[blue : blue + 4] = b"bXYZ", b"rXYZ"
    found = opened(fit(saved(scene, "PNG", icc_profile=bytes(swapped))).jpeg)
    red_part, green, blue_part = scene.split()
    assert differ(found, Image.merge("RGB", (blue_part, green, red_part))) < 40
    # A broken or too large profile, or one of another colour space, is ignored.
    for profile in (b"\x00" * 200, bytes(swapped) + bytes(image.LARGEST_PROFILE)):
        assert differ(opened(fit(saved(scene, "PNG", icc_profile=profile)).jpeg), scene) < 40
