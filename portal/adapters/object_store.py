"""A bucket of an object store (S3 and what speaks like it, Google, Azure) through obstore, an extra of its own."""

from __future__ import annotations

import re
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from portal.errors import PortalError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from portal.publish_settings import PublishSettings

_PATIENCE = timedelta(seconds=20)
"""For one page with all its tries: somebody may be waiting for it."""
_TRIES = 3
_INSIDES = "Debug source"
"""What obstore's errors say from here on is for its makers."""
_ADDRESS = re.compile(r"https?://\S+|\S*[a-z2-7]{32}\S*")


class ObjectStore:
    """The objects below one prefix.

    Args:
        settings: with an address in ``to``.

    Raises:
        PortalError: obstore is not installed, or the address cannot be used.
    """

    def __init__(self, settings: PublishSettings) -> None:
        obstore = _imported()
        self.name = settings.to or ""
        """What the ledger calls it."""
        self._obstore = obstore
        with self._told():
            self._store = obstore.store.from_url(self.name, **_options(settings))

    def put(self, path: str, body: bytes, headers: Mapping[str, str]) -> None:
        """Write one object, in one step.

        Raises:
            PortalError: the store did not take it.
        """
        with self._told():
            self._obstore.put(self._store, path, body, attributes=dict(headers), use_multipart=False)

    def delete(self, paths: Sequence[str]) -> None:
        """Remove objects; what is gone already is fine.

        Raises:
            PortalError: the store did not answer.
        """
        for path in paths:
            with self._told():
                try:
                    self._obstore.delete(self._store, path)
                except FileNotFoundError:
                    continue

    def sizes(self) -> dict[str, int]:
        """The bytes of every object, by path."""
        with self._told():
            return {one["path"]: one["size"] for batch in self._obstore.list(self._store) for one in batch}

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Say what the store said; what it cannot be asked is not known to be done."""
        try:
            yield
        except (PortalError, FileNotFoundError):
            raise
        except Exception as error:
            # Without the address that was asked: that of a page is its key, and this may stand in a log.
            said = _ADDRESS.sub("it", " ".join(str(error).partition(_INSIDES)[0].split()))[:300].rstrip(" .")
            raise PortalError(
                Problem(
                    f"{self.name} did not do what was asked: {said}.",
                    "Check [publish], the keys in the environment and what they allow; `portal publish` goes on.",
                    field="publish.to",
                )
            ) from error


def _imported() -> Any:  # noqa: ANN401  a module that may not be there
    try:
        import obstore  # noqa: PLC0415  slow, and an extra
        import obstore.store  # noqa: PLC0415  the same
    except ImportError as error:
        raise PortalError(
            Problem(
                "Pages cannot go to an object store: the extra `s3` is not installed.",
                "pip install 'invoice-payment-portal[s3]', or take `to` out of [publish].",
                field="publish.to",
            )
        ) from error
    return obstore


def _options(settings: PublishSettings) -> dict[str, object]:
    """What obstore is told besides the address; keys it finds in the environment itself."""
    options: dict[str, object] = {
        "client_options": {"timeout": "15s", "connect_timeout": "5s"},
        "retry_config": {"max_retries": _TRIES, "retry_timeout": _PATIENCE},
    }
    if settings.endpoint:
        options["endpoint"] = settings.endpoint
        options["virtual_hosted_style_request"] = False
        if settings.endpoint.startswith("http://"):
            options["client_options"] = {"timeout": "15s", "connect_timeout": "5s", "allow_http": True}
    if settings.region or settings.endpoint:
        options["region"] = settings.region or "auto"
    return options
