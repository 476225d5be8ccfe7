"""A bucket of an object store (S3 and what speaks like it, Google, Azure) through obstore, an extra of its own."""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from portal.errors import PortalError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from portal.settings.publish import PublishSettings

TRIAL = "portal-doctor.txt"
"""What is put to try the right to write: always the same name, so that none of several tries is left."""
_PATIENCE = timedelta(seconds=20)
"""For one page with all its tries: somebody may be waiting for it."""
_TRIES = 3
_INSIDES = "Debug source"
"""What obstore's errors say from here on is for its makers."""
_AFTER_THE_ADDRESS, _NOT_TAKEN = " - ", "Server returned non-2xx status code: "
_MARKUP = re.compile(r"<[^<>]{1,200}>")
_KEYS = (
    "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY for s3://, GOOGLE_APPLICATION_CREDENTIALS for gs://, "
    "AZURE_STORAGE_ACCOUNT_KEY for az://"
)
_LOOK = "Check [publish], the keys in the environment and what they allow."
_REMEDIES = {
    # Without keys obstore asks the machine's own cloud for some, at these addresses.
    ("169.254.", "metadata.google"): f"No keys were found in the environment. Set them: {_KEYS}.",
    ("NoSuchBucket", "404 Not Found", "ContainerNotFound"): "There is no such bucket: look at `to`, `endpoint` and "
    "`region` under [publish], or make the bucket.",
    ("401 ", "403 ", "AccessDenied", "SignatureDoesNotMatch"): "The store refuses these keys, or they may not do this: "
    "compare them with the store's own, and give them the rights that docs/hosting.md names.",
    ("error sending request",): "It cannot be reached: look at `endpoint` under [publish], and at the network.",
}
"""What to do, by what an error names; the first that fits counts."""
_ADDRESS = re.compile(r"https?://\S+|\S*[a-z2-7]{32}\S*")


class ObjectStore:
    """The objects below one prefix.

    Args:
        settings: with an address in ``to``.
        as_anybody: it is asked without keys, as strangers can ask.

    Raises:
        PortalError: obstore is not installed, or the address cannot be used.
    """

    def __init__(self, settings: PublishSettings, *, as_anybody: bool = False) -> None:
        obstore = _imported()
        self.name = settings.to or ""
        """What the ledger calls it."""
        self._obstore = obstore
        with self._told():
            self._store = obstore.store.from_url(self.name, **_options(settings, as_anybody=as_anybody))

    def ask(self) -> None:
        """Ask for the first of its objects, so that it is known to be there and to take the keys.

        Raises:
            PortalError: it does not answer, or refuses.
        """
        with self._told():
            next(iter(self._obstore.list(self._store)), None)

    def put(self, path: str, body: bytes, headers: Mapping[str, str]) -> None:
        """Write one object, in one step.

        Raises:
            PortalError: the store did not take it.
        """
        with self._told():
            self._obstore.put(self._store, path, body, attributes=dict(headers), use_multipart=False)

    def try_writing(self) -> None:
        """Put a small object and remove it again, so that the right to do both is known.

        Raises:
            PortalError: either was refused. An object that could not be removed is named.
        """
        headers = {"Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-store"}
        self.put(TRIAL, b"Written to find out whether pages can be.\n", headers)
        try:
            self.delete([TRIAL])
        except PortalError as error:
            (first, *_others) = error.problems
            problem = f"{TRIAL} was put into {self.name} to try it, and could not be removed: {first.problem}"
            raise PortalError(replace(first, problem=problem)) from error

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
            problem = f"{self.name} did not do what was asked: {_plain(str(error))}."
            raise PortalError(Problem(problem, _remedy(str(error)), field="publish.to")) from error


def _plain(said: str) -> str:
    """What an error says, without its wrappings and without the address: that of a page is its key, and logs stay."""
    _, _, answer = " ".join(said.partition(_INSIDES)[0].split()).partition(_AFTER_THE_ADDRESS)
    words = _ADDRESS.sub("it", _MARKUP.sub(" ", (answer or said.partition(_INSIDES)[0]).replace(_NOT_TAKEN, "")))
    return " ".join(words.split())[:300].rstrip(" .")


def _remedy(said: str) -> str:
    """What to do about an error, by what it names; obstore has one kind of error for most of them."""
    found = next((remedy for signs, remedy in _REMEDIES.items() if any(sign in said for sign in signs)), _LOOK)
    return f"{found} `portal publish` goes on where it was."


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


def _options(settings: PublishSettings, *, as_anybody: bool) -> dict[str, object]:
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
    if as_anybody:
        options["skip_signature"] = True
    return options
