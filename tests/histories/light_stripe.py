"""The Stripe library's answers without the tree of objects it makes of each, which took a quarter of a history's time.

Requests, retries, errors and pages after the first are the library's own; so is everything in the tests of the gateway.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from stripe import _api_requestor

if TYPE_CHECKING:
    from collections.abc import Iterator

_whole: Any = vars(_api_requestor)["_convert_to_stripe_object"]


class Answer(dict[str, Any]):
    """As much of a ``StripeObject`` as the portal's adapters use."""

    @property
    def id(self) -> str:
        """The object's id."""
        return str(self["id"])

    @property
    def data(self) -> list[Answer]:
        """The objects of a list."""
        return [Answer(one) for one in self["data"]]

    @property
    def has_more(self) -> bool:
        """Whether a list goes on."""
        return bool(self["has_more"])

    def auto_paging_iter(self) -> Iterator[Answer]:
        """The objects of a list that is whole."""
        return iter(self.data)

    def to_dict(self) -> dict[str, Any]:
        """The plain values."""
        return self


def _light(resp: Any, **means: Any) -> Any:  # noqa: ANN401  as the library has it
    if resp.data.get("has_more"):
        return _whole(resp=resp, **means)
    return Answer(resp.data)


@contextmanager
def light_answers() -> Iterator[None]:
    """While it lasts, the library hands out plain values."""
    with patch.object(_api_requestor, "_convert_to_stripe_object", _light):
        yield
