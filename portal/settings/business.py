"""``[business]`` and ``[brand]`` of the owner's settings: who asks for the money, and how that looks."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from portal.settings.logo import logo_address
from portal.settings.values import Line, written_like

MailAddress = Annotated[
    str, Field(max_length=200), written_like(r"[^@\s<>]+@[^@\s<>]+", "an e-mail address is like hello@example.com")
]
Telephone = Annotated[
    str,
    Field(max_length=40),
    written_like(r"[+\d][\d ()./-]*", "a telephone number is digits, with + in front where it is international"),
]
Colour = Annotated[str, written_like(r"#[0-9a-fA-F]{6}", "a colour is # and six digits from 0 to f, such as #14594d")]
Picture = Annotated[
    Line, written_like(r"https://[^\s/]+/\S+", "a picture's address begins with https:// and names a file")
]


class Business(BaseModel):
    """Who asks for the money, as customers know them."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    name: Line
    legal_name: Line | None = None
    address: Line | None = None
    email: MailAddress | None = None
    phone: Telephone | None = None
    tax_number: Line | None = None


class Brand(BaseModel):
    """One colour, from which every shade is derived and checked, and a logo; ``logo_url`` is for Stripe's page.

    The logo is a file's name where the owner writes it, and from then on the ``data:`` address of what is in the file.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    colour: Colour = "#14594d"
    logo: Line | None = None
    logo_url: Picture | None = None

    @field_validator("logo")
    @classmethod
    def _what_is_in_the_file(cls, name: str | None, reading: ValidationInfo) -> str | None:
        return logo_address((reading.context or {}).get("content", Path()), name) if name else None
