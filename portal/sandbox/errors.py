"""Stripe's error answers: type, code, message and param, as the real client expects to read them."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

Json = dict[str, Any]


class ApiError(Exception):
    """An answer that is an error.

    `stored` says whether an idempotency key remembers it. Stripe remembers what came out of running a
    request, but nothing about a request whose parameters were refused before it ran.
    """

    def __init__(self, status: int, error: Json, *, stored: bool = False) -> None:
        super().__init__(f"{status}: {error.get('message')}")
        self.status = status
        self.error = {key: value for key, value in error.items() if value is not None}
        self.stored = stored

    @property
    def body(self) -> Json:
        """The JSON body of the answer."""
        return {"error": self.error}


def invalid(message: str, *, param: str | None = None, code: str | None = None) -> ApiError:
    """The request is wrong in itself: 400, and the idempotency key stays free."""
    error = {"type": "invalid_request_error", "message": message, "param": param, "code": code}
    return ApiError(HTTPStatus.BAD_REQUEST, error)


def refused(message: str, *, param: str | None = None, code: str | None = None) -> ApiError:
    """The request is well formed, but not possible as things stand: 400, and the key remembers it."""
    error = {"type": "invalid_request_error", "message": message, "param": param, "code": code}
    return ApiError(HTTPStatus.BAD_REQUEST, error, stored=True)


def missing(param: str) -> ApiError:
    """A parameter that has to be there is not."""
    return invalid(f"Missing required param: {param}.", param=param, code="parameter_missing")


def no_such(kind: str, object_id: str, *, param: str | None = None) -> ApiError:
    """An id nothing answers to: 404 when it is the address, 400 when it is a parameter."""
    status = HTTPStatus.BAD_REQUEST if param else HTTPStatus.NOT_FOUND
    message = f"No such {kind}: '{object_id}'"
    error = {
        "type": "invalid_request_error",
        "code": "resource_missing",
        "message": message,
        "param": param or "id",
    }
    return ApiError(status, error)


def no_such_url(method: str, path: str) -> ApiError:
    """A route that is not served."""
    message = f"Unrecognized request URL ({method}: {path})."
    return ApiError(HTTPStatus.NOT_FOUND, {"type": "invalid_request_error", "message": message})


def unauthorised(message: str) -> ApiError:
    """No key, or not a test key."""
    return ApiError(HTTPStatus.UNAUTHORIZED, {"type": "invalid_request_error", "message": message})


def key_in_use(key: str | None) -> ApiError:
    """Another call with this idempotency key has not been answered yet."""
    message = (
        "There is currently another in-progress request using this Idempotent Key "
        f"(that probably means you submitted twice, and the other request is still going through): {key}. "
        "Please try again later."
    )
    error = {"type": "invalid_request_error", "code": "idempotency_key_in_use", "message": message}
    return ApiError(HTTPStatus.CONFLICT, error)


def key_reused(key: str) -> ApiError:
    """This idempotency key was used with other parameters."""
    message = (
        "Keys for idempotent requests can only be used with the same parameters they were first used with. "
        f"Try using a key other than '{key}' if you meant to execute a different request."
    )
    return ApiError(HTTPStatus.BAD_REQUEST, {"type": "idempotency_error", "message": message})
