"""Photos: uploaded, sent by id, fetched, deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import telegram

from playground.world import images
from tests.playground.methods.pictures import png

if TYPE_CHECKING:
    import aiohttp

    from playground.people.people import Person
    from playground.server import Playground


async def test_a_picture_has_an_id_for_this_bot_and_one_for_all(
    town: Playground, ana: Person, bot: telegram.Bot, http: aiohttp.ClientSession
) -> None:
    data = png(1600, 900)
    first = await bot.send_photo(ana.id, data, disable_notification=True)
    second = await bot.send_photo(ana.id, data)
    again = await bot.send_photo(ana.id, first.photo[0].file_id)
    assert [(size.width, size.height) for size in first.photo] == [
        (90, 51),
        (320, 180),
        (800, 450),
        (1280, 720),
    ]
    assert first.photo[-1].file_id != second.photo[-1].file_id
    assert first.photo[-1].file_unique_id == second.photo[-1].file_unique_id
    assert [size.file_id for size in again.photo] == [size.file_id for size in first.photo]
    assert await bot.delete_message(ana.id, first.id)
    kept = await bot.get_file(first.photo[-1].file_id)
    assert bytes(await kept.download_as_bytearray()) == data
    async with http.get(f"{town.url}/file/files/{first.photo[-1].file_id}/x") as answer:
        assert await answer.read() == data
    assert town.violations == []


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"<html>", "Image_process_failed"),
        (b"\xff\xd8\xff\xe0", "Image_process_failed"),
        (png(2100, 100), "Photo_invalid_dimensions"),
        (png(9_999, 501)[:40], "Photo_invalid_dimensions"),
        (png(20, 20) + bytes(10 * 1024 * 1024), "File is too big"),
    ],
)
async def test_a_picture_of_a_wrong_size_is_refused(
    ana: Person, bot: telegram.Bot, data: bytes, reason: str
) -> None:
    with pytest.raises(telegram.error.BadRequest, match=reason):
        await bot.send_photo(ana.id, data)


@pytest.mark.parametrize(
    ("data", "size"),
    [
        (png(640, 480), (640, 480)),
        (b"GIF89a" + bytes((64, 1, 200, 0)), (320, 200)),
        (bytes.fromhex("ffd8ffe000040000ffc0000b0801c20320") + bytes(6), (800, 450)),
        (bytes.fromhex("ffd8ffe0000400ffffffc2000b0801c20320"), (800, 450)),
        (b"RIFF\0\0\0\0WEBPVP8X" + bytes(8) + bytes.fromhex("1f0300c10100"), (800, 450)),
        (b"RIFF\0\0\0\0WEBPVP8 " + bytes(10) + bytes.fromhex("2003c201"), (800, 450)),
        (b"RIFF\0\0\0\0WEBPVP8L" + bytes(5) + bytes.fromhex("1f437000"), (800, 450)),
        (b"\xff\xd8\xff\xe0\x00\x02", None),
        (b"\xff\xd8\xff\xe0\x00\x02\x00\x00", None),
        (b"\x89PNG\r\n\x1a\n", None),
        (b"RIFF\0\0\0\0WAVE", None),
        (b"<svg/>", None),
        (b"", None),
    ],
)
def test_the_size_of_a_picture_is_read_from_its_header(
    data: bytes, size: tuple[int, int] | None
) -> None:
    assert images.dimensions(data) == size
