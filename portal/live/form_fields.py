"""The fields of a form that was posted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import abort, request

if TYPE_CHECKING:
    from collections.abc import Collection


def form_fields(*, several: Collection[str] = ()) -> dict[str, str]:
    """The fields by name; one that was sent twice is refused rather than guessed at.

    Args:
        several: fields that may be sent more than once, such as ticked lines; of these, the first is here.
    """
    fields = dict(request.form.lists())
    if any(len(values) > 1 for name, values in fields.items() if name not in several):
        abort(400)
    return {name: values[0] for name, values in fields.items()}
