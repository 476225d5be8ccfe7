"""Accessible shades of the owner's one colour, for light and dark pages.

Lightness is moved in OKLCH (B. Ottosson, "A perceptual color space for image processing"), so that hue and
strength stay the owner's; contrast is that of WCAG 2.2, success criteria 1.4.6 (text, 7:1) and 1.4.11 (edges, 3:1).
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import lru_cache

from portal.errors import Problem, SettingsError

Rgb = tuple[float, float, float]
"""Red, green and blue of sRGB, each from 0 to 1."""

TEXT_CONTRAST = 7.0
EDGE_CONTRAST = 3.0
LIGHT_GROUNDS = ("#ffffff", "#f3f1eb")
DARK_GROUNDS = ("#1a1f20", "#0f1213")
"""Card and page of the stylesheet: shades are checked against both."""

_HEX = re.compile(r"#([0-9a-fA-F]{6})")
_STEPS = 200
_WHITE, _BLACK = "#ffffff", "#000000"


@dataclass(frozen=True, slots=True)
class Shades:
    """One scheme's colours, as ``#rrggbb``.

    Attributes:
        line: bars and the line at the top; 3:1 at least against the grounds.
        button: the pay button.
        on_button: its text, 7:1 at least.
        edge: the button's border: as the button, or a stronger shade where the button alone is too pale to see.
        link: text in the owner's colour, 7:1 at least.
    """

    line: str
    button: str
    on_button: str
    edge: str
    link: str


@dataclass(frozen=True, slots=True)
class Palette:
    """The shades for light and for dark pages."""

    light: Shades
    dark: Shades


@lru_cache(maxsize=8)
def palette_of(colour: str) -> Palette:
    """The palette of one colour, ``#14594d``.

    Raises:
        SettingsError: not a colour.
    """
    if not _HEX.fullmatch(colour):
        raise SettingsError(Problem(f"{colour!r} is not a colour.", "Write it like #14594d.", field="brand.colour"))
    return Palette(
        light=_shades(colour, LIGHT_GROUNDS, direction=-1),
        dark=_shades(moved(colour, DARK_GROUNDS, TEXT_CONTRAST, +1), DARK_GROUNDS, direction=+1),
    )


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours after WCAG 2.2, from 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def moved(colour: str, grounds: tuple[str, ...], need: float, direction: int) -> str:
    """The colour, made darker (-1) or lighter (+1) just until it has the contrast needed with every ground."""
    lightness, chroma, hue = _oklch(colour)
    end = 1.0 if direction > 0 else 0.0
    for step in range(_STEPS + 1):
        share = step / _STEPS
        shade = colour if step == 0 else _hex_in_gamut(lightness + (end - lightness) * share, chroma, hue)
        if all(contrast(shade, ground) >= need for ground in grounds):
            return shade
    raise ValueError(f"no shade of {colour} has a contrast of {need} with {grounds}")


def _shades(colour: str, grounds: tuple[str, ...], *, direction: int) -> Shades:
    line = moved(colour, grounds, EDGE_CONTRAST, direction)
    button, on_button = _button(colour)
    visible = all(contrast(button, ground) >= EDGE_CONTRAST for ground in grounds)
    return Shades(
        line=line,
        button=button,
        on_button=on_button,
        edge=button if visible else line,
        link=moved(colour, grounds, TEXT_CONTRAST, direction),
    )


def _button(colour: str) -> tuple[str, str]:
    """The button and its text: white or black, whichever already contrasts more; the button then moves as needed."""
    on_button = _WHITE if contrast(colour, _WHITE) >= contrast(colour, _BLACK) else _BLACK
    return moved(colour, (on_button,), TEXT_CONTRAST, -1 if on_button == _WHITE else +1), on_button


def _rgb(colour: str) -> Rgb:
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return red, green, blue


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4  # noqa: PLR2004  sRGB, IEC 61966-2-1


def _gamma(value: float) -> float:
    return 12.92 * value if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055  # noqa: PLR2004  its inverse


def _luminance(colour: str) -> float:
    red, green, blue = map(_linear, _rgb(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _oklch(colour: str) -> tuple[float, float, float]:
    red, green, blue = map(_linear, _rgb(colour))
    long = math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    medium = math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    lightness = 0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short
    green_red = 1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short
    blue_yellow = 0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short
    return lightness, math.hypot(green_red, blue_yellow), math.atan2(blue_yellow, green_red)


def _linear_rgb(lightness: float, chroma: float, hue: float) -> Rgb:
    green_red, blue_yellow = chroma * math.cos(hue), chroma * math.sin(hue)
    long = (lightness + 0.3963377774 * green_red + 0.2158037573 * blue_yellow) ** 3
    medium = (lightness - 0.1055613458 * green_red - 0.0638541728 * blue_yellow) ** 3
    short = (lightness - 0.0894841775 * green_red - 1.2914855480 * blue_yellow) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )


def _hex_in_gamut(lightness: float, chroma: float, hue: float) -> str:
    """The colour a screen can show: chroma is halved towards grey until red, green and blue fit."""
    low, high = 0.0, chroma
    if not _fits(_linear_rgb(lightness, chroma, hue)):
        for _ in range(12):
            middle = (low + high) / 2
            low, high = (middle, high) if _fits(_linear_rgb(lightness, middle, hue)) else (low, middle)
        chroma = low
    channels = (min(max(value, 0.0), 1.0) for value in _linear_rgb(lightness, chroma, hue))
    return "#" + "".join(f"{round(_gamma(value) * 255):02x}" for value in channels)


def _fits(rgb: Rgb) -> bool:
    return all(-0.0005 <= value <= 1.0005 for value in rgb)  # noqa: PLR2004  half a step of 1/1000
