"""Markdown of the owner as safe HTML: an allow-list decides, whatever the source holds.

Notes on an invoice may come from an import and quote a customer, so they carry no link and no image: a link there could
pass for the pay button. The owner's own pages may link.
"""

from __future__ import annotations

from functools import lru_cache

import markdown
import nh3
from markupsafe import Markup

_PROSE = frozenset("p strong em ul ol li br hr code pre blockquote sub sup table thead tbody tr th td".split())
_WITHOUT_CONTENT = {"script", "style", "title", "textarea", "template", "svg", "math"}
_EXTENSIONS = ("sane_lists", "tables")

_NOTES = nh3.Cleaner(tags=set(_PROSE), clean_content_tags=_WITHOUT_CONTENT, attributes={}, link_rel=None)
_PAGE = nh3.Cleaner(
    tags={*_PROSE, "h1", "h2", "h3", "a"},
    clean_content_tags=_WITHOUT_CONTENT,
    attributes={"a": {"href"}},
    url_schemes={"https", "mailto", "tel"},
    link_rel="noreferrer",
)


@lru_cache(maxsize=1024)
def html_of_notes(text: str) -> Markup:
    """The notes of an invoice: paragraphs, emphasis, lists, tables; no links, no images, no headings."""
    return _clean(_NOTES, text)


@lru_cache(maxsize=32)
def html_of_page(text: str) -> Markup:
    """A page of the owner: as notes, with three levels of headings and with links (https, mailto, tel)."""
    return _clean(_PAGE, text)


def _clean(cleaner: nh3.Cleaner, text: str) -> Markup:
    html = markdown.markdown(text, extensions=_EXTENSIONS, output_format="html")
    return Markup(cleaner.clean(html))  # noqa: S704  this is the one place that makes text safe
