"""What an operation answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from portal.sandbox.errors import Json


@dataclass(frozen=True)
class Answer:
    """A status and a JSON body."""

    status: int
    body: Json
