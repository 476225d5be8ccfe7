"""The look of every page: a stylesheet with the owner's colour in front, the logo, the frame around the content.

A page is one small request, so its stylesheet is inside it and has only the sheets that pages of its look need.
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from string import ascii_letters
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import rcssmin
from jinja2 import StrictUndefined
from markupsafe import Markup

from portal import texts
from portal.hosting.headers import content_security_policy
from portal.languages import further_languages, in_language
from portal.texts import chosen_language, language_of, spoken
from portal.theming.brand import Palette, Shades, palette_of
from portal.theming.template_cache import TEMPLATES, template_cache
from portal.theming.template_code import PlainEnvironment

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import flask
    from jinja2 import Environment

    from portal.config import Settings

STATIC = Path(__file__).parents[1] / "static"

ICONS = {
    "clock": "M10 5.8V10l2.8 1.8",
    "tick": "m6.6 10.3 2.3 2.4 4.5-5",
    "part": "M10 2.5a7.5 7.5 0 0 1 0 15z",
    "way": "M6.5 10h7m-3-3 3 3-3 3",
    "open": "M10 10h.01",
    "none": "M6.8 10h6.4",
}
"""What is drawn inside the circle of a tag, as SVG path data in a box of 20 by 20."""

_FEW = ("notes", "told")
"""The sheets of what is on few pages."""
LOOKS = {
    "text": ("base", "notes", "text"),
    "form": ("base", "account", "asking", "live", "list", *_FEW),
    "settled": ("base", "account", *_FEW),
    "asking": ("base", "account", "asking"),
    "asking-more": ("base", "account", "asking", *_FEW),
    "codes": ("base", "account", "asking", "codes"),
    "codes-more": ("base", "account", "asking", "codes", *_FEW),
    "bill": ("base", "account", "asking", "codes", "bill"),
    "bill-more": ("base", "account", "asking", "codes", "bill", *_FEW),
    "statement": ("base", "account", "asking", "list"),
    "statement-more": ("base", "account", "asking", "list", "codes", *_FEW),
}
"""The sheets of each look, from the folder static. A template that names no look has that of a form."""
PARTS = {"part": "macros", "plans": "plans", "doors": "doors", "ways": "ways", "bills": "bill", "listing": "statement"}
"""The macros that every template has at hand, by the name it has them under; each file may use those before it."""
_VARIABLE = re.compile(r"--[a-z-]+")
_NO_FIELD = Markup()
_EVERY_SHEET = ("base", "account", "notes", "asking", "told", "live", "list", "codes", "text")


@dataclass(frozen=True, slots=True)
class Style:
    """The stylesheet of one look, minified, and ``sha256-...`` of it, for the Content-Security-Policy."""

    css: str
    css_hash: str


@dataclass(frozen=True, slots=True)
class Theme:
    """What all pages of one portal share.

    Attributes:
        styles: by look.
        css: every sheet in one, for papers that are no pages.
        logo: the logo as a ``data:`` address, None without one.
    """

    styles: Mapping[str, Style]
    css: str
    logo: str | None

    @property
    def css_hashes(self) -> tuple[str, ...]:
        """Those of every stylesheet that a page may have."""
        return tuple(style.css_hash for style in self.styles.values())


@dataclass(frozen=True, slots=True)
class Frame:
    """The parts of a page that are the same on all of one language and look, rendered once: head, masthead and foot."""

    head: Markup
    masthead: Markup
    foot: Markup


def theme_of(settings: Settings) -> Theme:
    """The theme of a portal."""
    variables = _variables(palette_of(settings.brand.colour))
    styles = {look: _style(variables + "".join(map(_sheet, sheets))) for look, sheets in LOOKS.items()}
    return Theme(styles, variables + "".join(map(_sheet, _EVERY_SHEET)), settings.brand.logo)


def _style(sheets: str) -> Style:
    css = _with_short_names(sheets)
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    return Style(css, f"sha256-{digest}")


def _with_short_names(css: str) -> str:
    """Its variables as ``--a``, ``--b``: the sheets have words for them, which each page would carry."""
    short = {
        name: f"--{letter}" for name, letter in zip(dict.fromkeys(_VARIABLE.findall(css)), ascii_letters, strict=False)
    }
    return _VARIABLE.sub(lambda found: short[found[0]], css)


def install(app: flask.Flask, settings: Settings) -> None:
    """Give an app the templates, the words and the look; the frozen site and the live app both have them from here."""
    theme = theme_of(settings)
    app.jinja_environment = PlainEnvironment
    app.template_folder = str(TEMPLATES)
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True, "undefined": StrictUndefined, "autoescape": True}
    environment = app.jinja_env
    environment.bytecode_cache = template_cache("pages")
    texts.teach(environment)
    environment.globals.update(
        business=settings.business,
        theme=theme,
        icons=ICONS,
        test_mode=not settings.stripe.is_live,
    )
    environment.globals.update(frame_of_page=_frames(environment, settings, theme), switch=(), terms_href=None)
    environment.globals.update(privacy_href=partial(_privacy_href, settings), language_field=_language_field)
    for name, file in PARTS.items():
        environment.globals[name] = environment.get_template(f"parts/{file}.html").module


def _language_field() -> Markup:
    """What keeps a form to the language that the reader chose."""
    language = chosen_language()
    return Markup('<input type="hidden" name="lang" value="{}">\n').format(language) if language else _NO_FIELD


def _privacy_href(settings: Settings) -> str:
    """Where the privacy page is, in the language of the page being made, or else in the portal's.

    The live app may be another host's, whose pages need the whole address.
    """
    language = language_of(spoken())
    further = language in further_languages(settings, None)
    path = in_language("/privacy/", language if further else None)
    base = settings.portal.base_url
    return (urlsplit(base).path if settings.live_url == base else base) + path


def _frames(environment: Environment, settings: Settings, theme: Theme) -> Callable[[str], Frame]:
    """What gives the frame of a look, in the language of the page being made."""
    frames: dict[tuple[str, str], Frame] = {}

    def part(name: str, style: Style) -> Markup:
        csp = content_security_policy(settings, [style.css_hash], in_page=True)
        template = environment.get_template(f"parts/{name}.html")
        return Markup(template.render(csp=Markup(csp), css=Markup(style.css)))  # noqa: S704  our own template and words

    def frame_of_page(look: str) -> Frame:
        key = language_of(spoken()), look
        if key not in frames:
            frames[key] = Frame(*(part(name, theme.styles[look]) for name in ("head", "masthead", "foot")))
        return frames[key]

    return frame_of_page


@lru_cache(maxsize=len(_EVERY_SHEET))
def _sheet(name: str) -> str:
    return str(rcssmin.cssmin((STATIC / f"{name}.css").read_text(encoding="utf-8")))


def _variables(palette: Palette) -> str:
    light, dark = _declarations(palette.light), _declarations(palette.dark)
    return f":root{{{light}}}@media (prefers-color-scheme:dark){{:root{{{dark}}}}}"


def _declarations(shades: Shades) -> str:
    return (
        f"--brand:{shades.line};--button:{shades.button};--on-button:{shades.on_button};"
        f"--edge:{shades.edge};--link:{shades.link}"
    )
