"""What is said where an object store refuses: in plain words, with what to do, and without any page's address."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from mail_server import closed_port
from s3_server import Bucket, serving
from werkzeug.wrappers import Response

from portal.adapters.object_store import ObjectStore, _plain, _remedy
from portal.errors import PortalError
from portal.settings.publish import PublishSettings

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

PAGE = "a" * 32


class Gone(Bucket):
    """A store that has no such bucket."""

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Any:  # noqa: ANN401  WSGI's
        return Response("<Error><Code>NoSuchBucket</Code></Error>", 404)(environ, start_response)


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")


def store(endpoint: str, *, as_anybody: bool = False) -> ObjectStore:
    return ObjectStore(PublishSettings(to="s3://pages/shop", endpoint=endpoint), as_anybody=as_anybody)


def refused(endpoint: str, *, as_anybody: bool = False) -> tuple[str, str]:
    with pytest.raises(PortalError) as caught:
        store(endpoint, as_anybody=as_anybody).ask()
    (problem,) = caught.value.problems
    return problem.problem, problem.remedy


def test_a_bucket_that_is_there_answers_its_keys_and_not_a_stranger() -> None:
    with serving(Bucket()) as endpoint:
        store(endpoint).ask()
        problem, remedy = refused(endpoint, as_anybody=True)
    assert problem == "s3://pages/shop did not do what was asked: 403 Forbidden: AccessDenied."
    assert "refuses these keys" in remedy


def test_no_such_bucket_and_nobody_there() -> None:
    with serving(Gone()) as endpoint:
        problem, remedy = refused(endpoint)
    assert "404 Not Found: NoSuchBucket" in problem
    assert "no such bucket" in remedy
    problem, remedy = refused(f"http://127.0.0.1:{closed_port()}")
    assert "error sending request" in problem
    assert "cannot be reached" in remedy


def test_no_keys_are_told_by_whom_the_library_asks_for_some() -> None:
    asked = "Generic S3 error: PUT http://169.254.169.254/latest/api/token in 1s - HTTP error: timed out"
    assert "AWS_ACCESS_KEY_ID" in _remedy(asked)


def test_the_address_of_a_page_is_in_no_message() -> None:
    said = f"PUT http://host/i/{PAGE}/index.html in 1ms - refused for i/{PAGE}/index.html\n\nDebug source"
    assert PAGE not in _plain(said)
    assert PAGE not in _plain(f"Not found: i/{PAGE}/index.html")
