from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from portal.errors import SettingsError
from portal.theming.brand import DARK_GROUNDS, LIGHT_GROUNDS, Shades, contrast, moved, palette_of

COLOURS = st.integers(0, 0xFFFFFF).map(lambda value: f"#{value:06x}")


def legible(shades: Shades, grounds: tuple[str, ...]) -> bool:
    return all(
        contrast(shades.link, ground) >= 7
        and contrast(shades.line, ground) >= 3
        and contrast(shades.edge, ground) >= 3
        and contrast(shades.on_button, shades.button) >= 7
        for ground in grounds
    )


@given(COLOURS)
@example("#ffd400")
@example("#ffffff")
@example("#000000")
@example("#7f7f7f")
@example("#0000ff")
def test_every_colour_gives_legible_shades_in_both_schemes(colour: str) -> None:
    palette = palette_of(colour)
    assert legible(palette.light, LIGHT_GROUNDS)
    assert legible(palette.dark, DARK_GROUNDS)


def test_a_colour_that_is_dark_enough_stays_as_the_owner_chose_it() -> None:
    light = palette_of("#14594d").light
    assert {light.line, light.button, light.edge, light.link} == {"#14594d"}
    assert light.on_button == "#ffffff"


def test_a_pale_button_keeps_its_colour_and_gets_an_edge() -> None:
    light = palette_of("#ffd400").light
    assert light.button == "#ffd400"
    assert light.on_button == "#000000"
    assert light.edge != light.button


def test_shades_keep_the_hue() -> None:
    link = palette_of("#e4002b").light.link
    red, green, blue = (int(link[i : i + 2], 16) for i in (1, 3, 5))
    assert red > 100
    assert green < 30
    assert blue < 60


def test_contrast_is_that_of_wcag() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#ffffff", "#767676") == pytest.approx(4.54, abs=0.01)
    assert contrast("#123456", "#123456") == pytest.approx(1)


def test_an_impossible_contrast_is_an_error() -> None:
    with pytest.raises(ValueError, match="no shade"):
        moved("#777777", ("#777777",), 21.5, +1)


@pytest.mark.parametrize("colour", ["red", "#fff", "#12345g", "", "#1234567"])
def test_what_is_no_colour_is_refused(colour: str) -> None:
    with pytest.raises(SettingsError, match="is not a colour"):
        palette_of(colour)
