"""What the site is made from when pages are frozen: the owner's own words, and what links open at that moment."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from portal.building.site_contents import SiteContents
from portal.errors import ContentError, Problem
from portal.texts import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Callable

    from portal.links.pages import Document, LinkedPages
    from portal.ports import Link
    from portal.ports.links import StatementRecord
    from portal.ports.payment_links import PaymentLink
    from portal.ports.plans import PlanRecord
    from portal.receivables.invoice import Customer
    from portal.wiring.portal import Portal

TERMS_FILE = Path("pages") / "terms.md"
PRIVACY_FILE = Path("pages") / "privacy.md"


@dataclass(slots=True)
class AtHand:
    """What the site is asked for, from the links that pages are being made of."""

    portal: Portal
    links: LinkedPages

    def invoice(self, token: str) -> Document | None:
        """The invoice behind a link's token, with its facts."""
        return self.links.invoices.get(token)

    def pay_only(self, token: str) -> Document | None:
        """The same behind a pay-only link's."""
        return self.links.pay_only.get(token)

    def statement(self, token: str) -> StatementRecord | None:
        """The statement behind a statement's."""
        return self.links.statements.get(token)

    def replaced(self, token: str) -> tuple[Link, Customer | None] | None:
        """A link that was replaced, with whose it was."""
        return self.links.replaced.get(token)

    def pay_token_of(self, key: str) -> str | None:
        """The token of an invoice's pay-only link, where it has one."""
        return self.links.pay_tokens.get(key)

    def token_of(self, key: str) -> str:
        """The token of an invoice's own link."""
        return self.links.newest.get(key) or self.portal.token_of(key)

    def is_open(self, key: str) -> bool:
        """Whether that opens a page."""
        return self.links.opens(key) if key in self.links.newest else self.portal.opens_invoice(key)


def contents_of(
    portal: Portal,
    at_hand: AtHand,
    plan_of: Callable[[str], PlanRecord | None],
    payment_link_of: Callable[[str], PaymentLink | None],
) -> SiteContents:
    """What the pages of a portal are made from on its day; plans and payment links as whoever freezes has them."""
    (terms, terms_in), (privacy, privacy_in) = (
        _own_page(portal.folders.content / file) for file in (TERMS_FILE, PRIVACY_FILE)
    )
    return SiteContents(
        settings=portal.settings,
        as_of=portal.today(),
        find=at_hand.invoice,
        find_pay_only=at_hand.pay_only,
        find_statement=at_hand.statement,
        replaced=at_hand.replaced,
        pay_token_of=at_hand.pay_token_of,
        token_of=at_hand.token_of,
        is_open=at_hand.is_open,
        terms=terms,
        terms_in=terms_in,
        privacy=privacy,
        privacy_in=privacy_in,
        plan_of=plan_of,
        payment_link_of=payment_link_of,
        content=portal.folders.content,
    )


def _own_page(page: Path) -> tuple[str | None, dict[str, str]]:
    """A page of the owner's own words, where there is one; and ``terms.de.md`` beside ``terms.md``, by language."""
    files = {language: page.with_suffix(f".{language}.md") for language in LANGUAGES}
    further = {language: words for language, file in files.items() if (words := _own_words(file)) is not None}
    return _own_words(page), further


def _own_words(file: Path) -> str | None:
    """The text of a file of the owner's; None where there is none.

    Raises:
        ContentError: it is not UTF-8.
    """
    try:
        return file.read_text(encoding="utf-8-sig") if file.is_file() else None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        name = f"{file.parent.name}/{file.name}"
        raise ContentError(Problem("The file is not UTF-8.", "Save it as UTF-8.", name, line)) from None
