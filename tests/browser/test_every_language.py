"""Every page in every state, in each language: no word of English is left, and nothing is too wide."""

from __future__ import annotations

from typing import TYPE_CHECKING
from unittest.mock import patch

import pytest
import staging
from checks import CHECKS
from english import english_in
from looking import looking
from states import reach_all

if TYPE_CHECKING:
    from playwright.sync_api import Browser
    from states import Gallery

pytestmark = pytest.mark.browser
LOCALES = ("de-DE", "it-IT", "pt-PT")
OWN = staging.BUSINESS + staging.INVOICE + staging.TERMS


@pytest.fixture(scope="module", params=LOCALES)
def gallery(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Gallery:
    """All states of a portal whose owner writes in a locale."""
    with patch.object(staging, "LOCALE", request.param):
        return reach_all(tmp_path_factory.mktemp("states"))


def test_no_page_says_anything_in_english(gallery: Gallery) -> None:
    own = OWN + "Thank you for choosing us. The oak wants a\nonce a year: see our notes"
    # The sample business, and pages on which English was chosen, stay English.
    states = [state for state in gallery.states.values() if '<html lang="en' not in state.text]
    assert len(states) > 60
    found = {state.name: said for state in states if (said := english_in(state.text, own=own))}
    assert found == {}


@pytest.mark.parametrize("name", ["fits 320 px", "text may grow"])
def test_it_fits_in_every_language(gallery: Gallery, browser: Browser, name: str) -> None:
    """German words are long."""
    check = CHECKS[name]
    with looking(browser, **check.window) as tab:
        found = {one.name: problems for one in gallery.states.values() if (problems := check.problems(tab, one))}
    assert found == {}
