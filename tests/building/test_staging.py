"""Frozen-Flask renders into memory: the pages it is asked for, and a plain word about an address that has none."""

from __future__ import annotations

import flask
import pytest

from portal.building.staging import StagingFreezer


@pytest.fixture
def freezer() -> StagingFreezer:
    app = flask.Flask("a site")
    app.jinja_env.globals["business"] = "Sample"

    @app.get("/page/<name>/")
    def page(name: str) -> str:
        if name == "nobody":
            flask.abort(404)
        return flask.render_template_string("{{ business }} & {{ name }}", name=name)

    @app.get("/file.pdf")
    def file() -> flask.Response:
        return flask.Response(b"%PDF \xff", mimetype="application/pdf")

    return StagingFreezer(app)


def test_pages_and_files_are_given_as_they_are_said(freezer: StagingFreezer) -> None:
    addresses = ["/page/Zoë/", "/file.pdf"]
    assert list(freezer.freeze_each(addresses)) == [
        ("/page/Zoë/", "Sample & Zoë".encode()),
        ("/file.pdf", b"%PDF \xff"),
    ]
    assert list(freezer.freeze_each(["/page/b/"])) == [("/page/b/", b"Sample & b")], "only what is asked for now"


@pytest.mark.parametrize(
    ("address", "status"), [("/page/nobody/", "404 NOT FOUND"), ("/else/", "404"), ("/page/without-end", "308")]
)
def test_an_address_without_a_page_is_named(freezer: StagingFreezer, address: str, status: str) -> None:
    with pytest.raises(ValueError, match=f"{status}.* on URL {address}"):
        list(freezer.freeze_each([address]))


def test_what_a_view_raises_is_seen(freezer: StagingFreezer, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(name: str) -> str:
        raise RuntimeError(name)

    monkeypatch.setitem(freezer.app.view_functions, "page", broken)
    with pytest.raises(RuntimeError, match="a name"):
        list(freezer.freeze_each(["/page/a name/"]))
