"""What the newsstand's pictures show: quiet patterns, drawn at twice their size.

Each motif takes the picture's size, its colours and dice, and gives a picture of that size.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageOps

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Sequence

Rgb = tuple[int, int, int]
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Palette:
    """From the darkest colour to the lightest, and one that stands out."""

    deep: Rgb
    middle: Rgb
    pale: Rgb
    accent: Rgb


def mixed(one: Rgb, other: Rgb, share: float) -> Rgb:
    """A colour between two; a share of 0 is the first."""
    made = [round(a + (b - a) * share) for a, b in zip(one, other, strict=True)]
    return made[0], made[1], made[2]


def wash(size: tuple[int, int], top: Rgb, bottom: Rgb) -> Image.Image:
    """One colour that turns into another, downwards."""
    shade = Image.linear_gradient("L").resize(size, Image.Resampling.BICUBIC)
    return ImageOps.colorize(shade, top, bottom)


def _glow(
    picture: Image.Image, points: Sequence[Point], colour: Rgb, strength: float, blur: float
) -> None:
    """A soft light in the form of a polygon."""
    # What is blurred widely looks the same when it is drawn small, and takes a sixteenth.
    part = 4 if blur > 8 else 1
    mask = Image.new("L", (picture.width // part, picture.height // part))
    corners = [(x / part, y / part) for x, y in points]
    ImageDraw.Draw(mask).polygon(corners, fill=round(255 * strength))
    mask = mask.filter(ImageFilter.GaussianBlur(blur / part))
    mask = mask.resize(picture.size, Image.Resampling.BICUBIC)
    picture.paste(Image.new("RGB", picture.size, colour), (0, 0), mask)


def _wave(dice: random.Random, width: int, height: float) -> Callable[[float], float]:
    """A line that rises and falls like hills, at most by `height` to each side."""
    parts = [
        (height * share, times * math.tau / width, dice.uniform(0, math.tau))
        for share, times in ((0.55, dice.uniform(0.7, 1.3)), (0.3, 2.3), (0.15, 5.1))
    ]
    return lambda x: sum(rise * math.sin(x * speed + start) for rise, speed, start in parts)


def folds(size: tuple[int, int], palette: Palette, dice: random.Random) -> Image.Image:
    """A curtain of heavy cloth."""
    width, height = size
    lean = dice.uniform(0.1, 0.22)
    whole = round(width + lean * height)
    row = Image.new("L", (whole, 1))
    wide = dice.uniform(7.5, 10.5)
    start = dice.uniform(0, math.tau)
    values = []
    for x in range(whole):
        at = x / width * math.tau
        turn = math.sin(at * wide / 2 + start + 1.1 * math.sin(at * 1.3 + start))
        fine = math.sin(at * wide * 1.7 + 2 * start)
        values.append(round(255 * min(1.0, max(0.0, 0.42 + 0.36 * turn + 0.1 * fine))))
    row.putdata(values)
    cloth = row.filter(ImageFilter.GaussianBlur(width / 300)).resize((whole, height))
    cloth = cloth.transform(size, Image.Transform.AFFINE, (1, lean, 0, 0, 1, 0))
    made = ImageOps.colorize(cloth, palette.deep, palette.pale, mid=palette.middle)
    return ImageChops.multiply(made, wash(size, (255, 255, 255), (176, 172, 168)))


def streaks(size: tuple[int, int], palette: Palette, dice: random.Random) -> Image.Image:
    """Light along the flank of a car."""
    width, height = size
    made = wash(
        size, mixed(palette.deep, (0, 0, 0), 0.35), mixed(palette.deep, palette.middle, 0.6)
    )
    low = height * dice.uniform(0.46, 0.56)
    for number in range(4):
        rise = height * dice.uniform(0.07, 0.16) * (1 - 0.16 * number)
        base = low + number * height * 0.125
        thick = height * (0.05 - 0.008 * number)
        peak = dice.uniform(0.45, 0.68)
        upper, lower = [], []
        for step in range(101):
            share = step / 100
            bow = math.exp(-(((share - peak) / 0.36) ** 2))
            x, y = width * (share * 1.2 - 0.1), base - rise * bow
            swell = thick * math.sin(math.pi * share) ** 0.8
            upper.append((x, y - swell * 0.35))
            lower.append((x, y + swell))
        band = mixed(palette.middle, palette.pale, 0.55 - 0.13 * number)
        _glow(made, [*upper, *reversed(lower)], band, 0.8 - 0.13 * number, width / 110)
        edge = palette.accent if number == 0 else palette.pale
        _glow(
            made,
            [*upper, *((x, y + height * 0.0065) for x, y in reversed(upper))],
            edge,
            0.95 - 0.2 * number,
            width / 900,
        )
    return made


def hills(size: tuple[int, int], palette: Palette, dice: random.Random) -> Image.Image:
    """Ridges in the morning mist, as ink draws them."""
    width, height = size
    sky = mixed(palette.pale, (255, 255, 255), 0.35)
    made = wash(size, mixed(palette.pale, palette.middle, 0.25), sky)
    radius = height * dice.uniform(0.085, 0.115)
    x, y = width * dice.uniform(0.62, 0.8), height * dice.uniform(0.24, 0.32)
    ImageDraw.Draw(made).ellipse(
        (x - radius, y - radius, x + radius, y + radius), fill=palette.accent
    )
    layers = 5
    for number in range(layers):
        share = number / (layers - 1)
        wave = _wave(dice, width, height * (0.085 + 0.03 * share))
        base = height * (0.44 + 0.125 * number)
        line = [(x, base + wave(x)) for x in range(0, width + 1, 8)]
        mask = Image.new("L", size)
        ImageDraw.Draw(mask).polygon([*line, (width, height), (0, height)], fill=255)
        near = mixed(mixed(sky, palette.middle, 0.35), palette.deep, share**1.3)
        top = round(base - height * 0.12)
        foot = wash((width, round(height * 0.46)), near, mixed(near, sky, 0.75 - 0.55 * share))
        whole = Image.new("RGB", size, near)
        whole.paste(foot, (0, top))
        whole.paste(
            mixed(near, sky, 0.75 - 0.55 * share),
            (0, min(height, top + foot.height), width, height),
        )
        made.paste(whole, (0, 0), mask)
    return made


def dunes(size: tuple[int, int], palette: Palette, dice: random.Random) -> Image.Image:
    """Sand under a low sun, one side of every dune in the shade."""
    width, height = size
    made = wash(size, mixed(palette.pale, palette.middle, 0.3), palette.pale)
    radius = height * dice.uniform(0.1, 0.15)
    x, y = width * dice.uniform(0.22, 0.4), height * dice.uniform(0.3, 0.36)
    ImageDraw.Draw(made).ellipse(
        (x - radius, y - radius, x + radius, y + radius),
        fill=mixed(palette.accent, (255, 255, 255), 0.3),
    )
    for number in range(4):
        share = number / 3
        crest = width * (0.2 + 0.6 * ((number * 0.618 + dice.uniform(0, 0.25)) % 1))
        base, rise = height * (0.52 + 0.15 * number), height * (0.15 - 0.012 * number)
        left = _slope((-0.1 * width, base + rise * 0.7), (crest, base - rise * 0.5), 1.7)
        right = _slope((crest, base - rise * 0.5), (1.1 * width, base + rise * 0.9), 0.55)
        lit = mixed(palette.pale, palette.middle, 0.25 + 0.4 * share)
        dark = mixed(palette.middle, palette.deep, 0.2 + 0.6 * share)
        draw = ImageDraw.Draw(made)
        draw.polygon([*left, *right, (width * 1.1, height), (-0.1 * width, height)], fill=lit)
        foot = _slope((crest + width * 0.2, height * 1.3), (crest, base - rise * 0.5), 0.55)
        draw.polygon([*foot, *right, (width * 1.1, height)], fill=dark)
    return made


def _slope(start: Point, end: Point, bend: float) -> list[Point]:
    steps = [step / 40 for step in range(41)]
    return [
        (start[0] + (end[0] - start[0]) * s, start[1] + (end[1] - start[1]) * s**bend)
        for s in steps
    ]


def sea(size: tuple[int, int], palette: Palette, dice: random.Random) -> Image.Image:
    """Still water, and a light upon it."""
    width, height = size
    line = round(height * dice.uniform(0.4, 0.48))
    made = wash(size, mixed(palette.pale, palette.middle, 0.2), palette.pale)
    made.paste(wash((width, height - line), palette.middle, palette.deep), (0, line))
    x, radius = width * dice.uniform(0.34, 0.66), height * 0.13
    disc = Image.new("L", size)
    ImageDraw.Draw(disc).ellipse(
        (x - radius, line - radius * 1.25, x + radius, line + radius * 0.75), fill=255
    )
    ImageDraw.Draw(disc).rectangle((0, line, width, height), fill=0)
    made.paste(Image.new("RGB", size, palette.accent), (0, 0), disc)
    draw = ImageDraw.Draw(made)
    y = line + height * 0.012
    gap = height * 0.01
    while y < height:
        share = (y - line) / (height - line)
        half = radius * (0.55 + 1.2 * share) * dice.uniform(0.55, 1.0)
        off = dice.uniform(-0.4, 0.4) * radius * (0.3 + share)
        tone = mixed(palette.accent, palette.middle, 0.1 + 0.65 * share)
        draw.rounded_rectangle(
            (x - half + off, y, x + half + off, y + gap * 0.36), radius=gap * 0.18, fill=tone
        )
        y += gap
        gap *= 1.085
    return made


def lights(size: tuple[int, int], palette: Palette, dice: random.Random) -> Image.Image:
    """A wall of small windows, a few of them lit."""
    width, height = size
    made = wash(size, mixed(palette.deep, (0, 0, 0), 0.25), palette.deep)
    across = 24
    step = width / across
    a, b = dice.uniform(0, math.tau), dice.uniform(0, math.tau)
    draw = ImageDraw.Draw(made)
    for column in range(across):
        for line in range(math.ceil(height / step)):
            tone = 0.5 + 0.5 * math.sin(column * 0.42 + a) * math.cos(line * 0.5 + b)
            colour = mixed(palette.deep, palette.middle, 0.15 + 0.85 * tone)
            if tone > 0.55 and dice.random() < 0.13:
                colour = palette.accent
            elif tone > 0.7 and dice.random() < 0.3:
                colour = palette.pale
            x, y, edge = column * step, line * step, step * 0.17
            draw.rounded_rectangle(
                (x + edge, y + edge, x + step - edge, y + step - edge),
                radius=step * 0.14,
                fill=colour,
            )
    return made


def stage(size: tuple[int, int], palette: Palette, dice: random.Random) -> Image.Image:
    """Two lights from above, before anybody comes."""
    width, height = size
    made = wash(
        size, mixed(palette.deep, (0, 0, 0), 0.45), mixed(palette.deep, palette.middle, 0.4)
    )
    floor = height * 0.78
    draw = ImageDraw.Draw(made)
    draw.rectangle((0, floor, width, height), fill=mixed(palette.deep, palette.middle, 0.22))
    lamps = ((0.16, dice.uniform(0.34, 0.42)), (0.84, dice.uniform(0.58, 0.66)))
    for number, (lamp, spot) in enumerate(lamps):
        colour = palette.accent if number else palette.pale
        x, at, half = lamp * width, spot * width, width * 0.13
        cone = [(x - 14, -20), (x + 14, -20), (at + half, floor + 40), (at - half, floor + 40)]
        _glow(made, cone, colour, 0.33, width / 90)
        flat = height * 0.055
        ring = [
            (at + half * math.cos(turn), floor + 40 + flat * math.sin(turn))
            for turn in (step * math.tau / 60 for step in range(60))
        ]
        _glow(made, ring, colour, 0.62, width / 220)
    return made


def spines(size: tuple[int, int], palette: Palette, dice: random.Random) -> Image.Image:
    """A shelf."""
    width, height = size
    made = wash(
        size, mixed(palette.pale, palette.middle, 0.1), mixed(palette.pale, palette.middle, 0.35)
    )
    draw = ImageDraw.Draw(made)
    board = round(height * 0.86)
    draw.rectangle((0, board, width, height), fill=palette.deep)
    draw.rectangle(
        (0, board, width, board + height * 0.014), fill=mixed(palette.deep, palette.pale, 0.3)
    )
    x = width * 0.06
    tones = (palette.deep, palette.middle, mixed(palette.middle, palette.pale, 0.5), palette.accent)
    while x < width * 0.93:
        wide = width * dice.uniform(0.022, 0.05)
        if dice.random() < 0.08:
            x += wide * 2
            continue
        tall = height * dice.uniform(0.44, 0.66)
        colour = dice.choices(tones, (4, 4, 4, 1))[0]
        top = board - tall
        draw.rectangle((x, top, x + wide, board - 1), fill=colour)
        light = mixed(colour, (255, 255, 255), 0.16)
        draw.rectangle((x, top, x + wide * 0.16, board - 1), fill=light)
        draw.rectangle(
            (x + wide * 0.86, top, x + wide, board - 1), fill=mixed(colour, (0, 0, 0), 0.25)
        )
        for share in (0.1, 0.13, 0.84):
            y = top + tall * share
            draw.rectangle(
                (x, y, x + wide, y + height * 0.004), fill=mixed(colour, palette.pale, 0.6)
            )
        x += wide + width * 0.0022
    return made


def lanes(size: tuple[int, int], palette: Palette, dice: random.Random) -> Image.Image:
    """The bend of a running track."""
    width, height = size
    made = wash(size, palette.middle, mixed(palette.middle, palette.deep, 0.55))
    draw = ImageDraw.Draw(made)
    x, y = width * dice.uniform(0.08, 0.2), height * dice.uniform(1.2, 1.35)
    inner = height * 0.62
    for number in range(9):
        radius = inner + number * height * 0.135
        if number % 3 == 1:
            half = height * 0.0675
            box = (
                x - radius - half * 2,
                y - radius - half * 2,
                x + radius + half * 2,
                y + radius + half * 2,
            )
            draw.ellipse(
                box, outline=mixed(palette.middle, palette.deep, 0.3), width=round(half * 2)
            )
        box = (x - radius, y - radius, x + radius, y + radius)
        colour = palette.accent if number == 4 else palette.pale
        draw.ellipse(box, outline=colour, width=round(height * 0.009))
    return made


def quilt(size: tuple[int, int], palette: Palette, dice: random.Random) -> Image.Image:
    """Leather, stitched in diamonds."""
    width, height = size
    wide = round(width / dice.choice((7, 8)) / 2) * 2
    tall = round(wide * 0.72 / 2) * 2
    soft = ImageOps.invert(Image.radial_gradient("L")).resize(
        (wide, tall), Image.Resampling.BICUBIC
    )
    pillow = ImageOps.colorize(
        soft, mixed(palette.deep, (0, 0, 0), 0.5), palette.middle, mid=palette.deep
    )
    form = Image.new("L", (wide, tall))
    corners = [(wide / 2, 0), (wide, tall / 2), (wide / 2, tall), (0, tall / 2)]
    ImageDraw.Draw(form).polygon(corners, fill=255)
    made = Image.new("RGB", size, mixed(palette.deep, (0, 0, 0), 0.6))
    for line in range(-1, 2 * height // tall + 2):
        for column in range(-1, width // wide + 2):
            at = (column * wide + (line % 2) * wide // 2, line * tall // 2)
            made.paste(pillow, at, form)
    draw = ImageDraw.Draw(made)
    stitch = mixed(palette.accent, palette.middle, 0.25)
    slope = tall / wide
    for number in range(-height // tall - 2, 2 * width // wide + 2):
        for turn in (1, -1):
            x = number * wide + wide / 2
            steps = range(0, round(width * 1.6), 26)
            for step in steps:
                a = (x + turn * step, step * slope)
                b = (x + turn * (step + 14), (step + 14) * slope)
                draw.line([a, b], fill=stitch, width=3)
    light = Image.linear_gradient("L").rotate(90).resize(size)
    shade = ImageOps.colorize(light, (255, 255, 255), (128, 124, 120))
    return ImageChops.multiply(made, shade)


def facets(size: tuple[int, int], palette: Palette, dice: random.Random) -> Image.Image:
    """The faces of a cut stone, close by."""
    width, height = size
    made = Image.new("RGB", size, palette.deep)
    draw = ImageDraw.Draw(made)
    step = width / 9
    across, down = 11, math.ceil(height / step) + 2
    corners = [
        [
            (
                (column - 0.5 + 0.5 * (line % 2) + dice.uniform(-0.24, 0.24)) * step,
                (line - 0.5 + dice.uniform(-0.24, 0.24)) * step,
            )
            for column in range(across)
        ]
        for line in range(down)
    ]
    light = dice.uniform(0.25, 0.75) * width, dice.uniform(0.2, 0.6) * height
    for line, (upper, lower) in enumerate(itertools.pairwise(corners)):
        for number in range(across - 1):
            one, two = upper[number : number + 2]
            three, four = lower[number : number + 2]
            shift = line % 2
            for face in (
                (one, two, four if shift else three),
                (three, four, one if shift else two),
            ):
                x = sum(corner[0] for corner in face) / 3
                y = sum(corner[1] for corner in face) / 3
                far = math.dist((x, y), light) / width
                share = min(1.0, max(0.0, 0.85 - 1.25 * far + dice.uniform(-0.2, 0.2)))
                colour = mixed(palette.deep, palette.pale, share**1.4)
                if dice.random() < 0.07:
                    colour = mixed(colour, palette.accent, 0.7)
                draw.polygon(face, fill=colour)
    return made
