"""The pages that belong to nobody: the front page, the owner's own words, and what is said when something is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import flask

from portal.hosting.headers import headers_file
from portal.languages import further_languages, in_language, language_switch, own_words, speaking_to
from portal.pages import (
    front_page,
    money_uncertain,
    no_link_page,
    path_below_root,
    privacy_page,
    problem_page,
    terms_page,
)
from portal.theming import theme

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from portal.config import Settings
    from portal.languages import Words
    from portal.pages import MessagePage, PrivacyPage, TextPage


@dataclass(frozen=True, slots=True)
class OwnText:
    """A page of the owner's own, Markdown: in the language of the portal, and in others by language."""

    text: str
    translated: Mapping[str, str]

    def words(self, settings: Settings) -> Words:
        """As the page being made shows it."""
        return own_words(self.text, self.translated, settings)


def add_fixed_pages(app: flask.Flask, settings: Settings, *, terms: OwnText | None, privacy: OwnText | None) -> None:
    """Give an app the pages for everybody, in each language.

    Endpoints: ``index`` /, ``terms`` /terms/ (where there are terms), ``privacy`` /privacy/, ``not_found`` /404.html,
    ``problem`` /problem.html; and the files ``headers`` /_headers and ``no_jekyll`` /.nojekyll.
    """

    def add(
        endpoint: str, path: str, make: Callable[[], MessagePage | PrivacyPage | TextPage], further: str | None = None
    ) -> None:
        """A page at a path; in each further language at ``further``, or the path, and the language."""

        def href_of(language: str | None) -> str:
            return path_below_root(settings, in_language(further or path, language) if language else path)

        def view(language: str | None = None) -> str:
            with speaking_to(settings, None, language):
                page = make()
                switch = language_switch(settings, None, href_of)
                return flask.render_template(page.template, page=page, switch=switch)

        app.add_url_rule(path, endpoint, view)
        for one in further_languages(settings, None):
            app.add_url_rule(in_language(further or path, one), f"{endpoint}-{one}", partial(view, one))

    add("index", "/", lambda: front_page(settings))
    if terms is not None:
        add("terms", "/terms/", lambda: terms_page(terms.words(settings), settings))
    add("privacy", "/privacy/", lambda: privacy_page(privacy.words(settings) if privacy else None, settings))
    add("not_found", "/404.html", lambda: no_link_page(settings), further="/404/")
    add("problem", "/problem.html", lambda: problem_page(settings, money_uncertain()), further="/problem/")
    _add_files(app, settings)


def _add_files(app: flask.Flask, settings: Settings) -> None:
    """What hosts read, and what is said of any other address."""

    @app.errorhandler(404)
    def no_such_page(_error: Exception) -> flask.typing.ResponseReturnValue:
        return str(app.view_functions["not_found"]()), 404

    @app.get("/_headers")
    def headers() -> flask.Response:
        text = headers_file(settings, theme.theme_of(settings).css_hashes)
        return flask.Response(text, mimetype="application/octet-stream")

    @app.get("/.nojekyll")
    def no_jekyll() -> flask.Response:
        """Has GitHub Pages serve the files as they are."""
        return flask.Response("", mimetype="application/octet-stream")
