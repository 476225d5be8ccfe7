"""What the library raises, in the portal's own words: refused, too many requests, unknown, or nobody knows."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import stripe

from portal.errors import (
    GatewayError,
    GatewayThrottledError,
    GatewayUnreachableError,
    Problem,
    UnexpectedAnswerError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

_REFUSALS = (stripe.CardError, stripe.InvalidRequestError, stripe.AuthenticationError, stripe.PermissionError)
_NOT_FOUND = 404


@contextmanager
def said_by_stripe() -> Iterator[None]:
    """Turn the library's errors into the portal's."""
    try:
        yield
    except _REFUSALS as error:
        raise _refusal(error) from error
    except stripe.RateLimitError as error:
        problem = Problem("Stripe asks for fewer requests.", "Try again in a minute.", field=error.code)
        raise GatewayThrottledError(problem, _retry_after(error)) from error
    except stripe.APIConnectionError as error:
        remedy = "Look at the network and at status.stripe.com; the sandbox answers while `portal serve` runs."
        raise GatewayUnreachableError(Problem("Stripe cannot be reached, or is too slow.", remedy)) from error
    except stripe.StripeError as error:
        said = " ".join((error.user_message or str(error)).split())
        problem = Problem(f"Stripe did not answer: {said}", "Try again in a moment.", field=error.code)
        raise GatewayUnreachableError(problem) from error


def _refusal(error: stripe.StripeError) -> GatewayError:
    kind = GatewayError
    remedy = "Look the request up in Stripe's dashboard, and check the key's permissions."
    if error.http_status == _NOT_FOUND:
        kind = UnexpectedAnswerError
        remedy = "Check that the key belongs to the account, and to the world, that this was made in."
    return kind(Problem(f"Stripe refused: {error.user_message or error}", remedy, field=error.code))


def _retry_after(error: stripe.StripeError) -> float | None:
    text = {name.lower(): value for name, value in (error.headers or {}).items()}.get("retry-after", "")
    try:
        return max(float(text), 0.0)
    except ValueError:
        return None
