"""Put the parts together: the only module that knows every adapter."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from portal.adapters.following import StoreFollower
from portal.adapters.ledger.sql_ledger import SqlLedger, open_ledger
from portal.adapters.links import load_link_key, portal_id_of, token_of
from portal.adapters.object_store import ObjectStore
from portal.adapters.publish import FolderPublisher, check_folders
from portal.answers.answering import Answering
from portal.links.issuing import Issuing
from portal.links.page_links import PageLinks
from portal.pages.payment_links import payment_link_request
from portal.payments.checkout import Checkout
from portal.payments.collection import Collection
from portal.payments.link_checkout import LinkCheckout
from portal.payments.statement_checkout import StatementCheckout
from portal.payments.syncing import sync
from portal.ports.payment_links import PaymentLinkState
from portal.receivables.balance import balance_of
from portal.receivables.offers import offers_for
from portal.texts import chosen_language
from portal.theming.brand import LIGHT_GROUNDS, palette_of
from portal.wiring.checkout_requests import checkout_request, installment_description

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from portal.adapters.stripe import StripeGateway
    from portal.adapters.stripe.plans import StripeCollector
    from portal.config import Settings, Stripe
    from portal.mailing.post_office import PostOffice
    from portal.ports import Link
    from portal.ports.payment_links import PaymentLink
    from portal.ports.provider_invoices import InvoiceProvider
    from portal.receivables.entries import Entry
    from portal.receivables.invoice import Invoice
    from portal.receivables.invoice_balance import InvoiceBalance

LEDGER_FILE = "ledger.sqlite"
MAIL_FOLDER = "mail"
"""Below the state: mails that were written to files."""


@dataclass(frozen=True, slots=True)
class Folders:
    """Where the owner's content, the published pages and the portal's own state are."""

    content: Path
    output: Path
    state: Path


@dataclass(frozen=True, slots=True)
class Portal(PageLinks):
    """One business's portal, ready to be used.

    Attributes:
        fixed_day: the day to work as of, where the owner asked for one; otherwise today in the business's time zone.
        gateway: None where no Stripe key is set: then pages can be built and shown, but nothing can be paid.
    """

    settings: Settings
    folders: Folders
    ledger: SqlLedger
    link_key: bytes
    gateway: StripeGateway | None
    fixed_day: date | None = None

    def today(self) -> date:
        """The day everything is worked out for."""
        return self.fixed_day or now().astimezone(ZoneInfo(self.settings.portal.timezone)).date()

    def publisher(self) -> FolderPublisher:
        """What puts pages into the output folder."""
        lock, packed = self.folders.state / "publish.lock", self.settings.publish.packed_copies
        return FolderPublisher(self.folders.output, self.ledger, lock=lock, packed=packed)

    def store_follower(self) -> StoreFollower | None:
        """What copies the published pages to the owner's object store; None without one.

        Raises:
            PortalError: the extra for it is missing, or its address cannot be used.
        """
        settings = self.settings.publish
        if settings.to is None:
            return None
        output, lock = self.folders.output, self.folders.state / "publish-store.lock"
        return StoreFollower(output, self.publisher().name, ObjectStore(settings), self.ledger, lock=lock)

    def balance(self, invoice: Invoice, entries: Sequence[Entry]) -> InvoiceBalance:
        """What is left to pay on an invoice today."""
        return balance_of(invoice, entries, self.today())

    def invoice_provider(self) -> InvoiceProvider | None:
        """Who has invoices besides the owner's files; None without a Stripe key."""
        from portal.adapters.stripe.invoices import StripeInvoices  # noqa: PLC0415  see ``_gateway``

        return StripeInvoices(self.gateway) if self.gateway else None

    def checkout(self, gateway: StripeGateway, link: Link | None = None) -> Checkout:
        """The operation that opens checkouts at a gateway, from which customers come back to the page of ``link``."""
        return Checkout(
            ledger=self.ledger,
            gateway=gateway,
            request_of=partial(checkout_request, self),
            parts_allowed=self.settings.payments.part,
            now=now,
            today=self.today,
            token=link.token if link else None,
            language=chosen_language,
        )

    def issuing(self) -> Issuing:
        """The operation by which the owner issues, replaces and ends links."""
        return Issuing(ledger=self.ledger, token_of=partial(token_of, self.link_key), now=now)

    def answering(self) -> Answering:
        """The operation that keeps what customers answer besides paying."""
        return Answering(
            ledger=self.ledger,
            doors=self.settings.doors,
            zone=ZoneInfo(self.settings.portal.timezone),
            now=now,
            today=self.today,
        )

    def collection(self, gateway: StripeGateway, collector: StripeCollector) -> Collection:
        """The operation that charges the installments that fell due."""
        return Collection(
            ledger=self.ledger,
            gateway=gateway,
            collector=collector,
            close_checkouts=partial(self._close_ways_to_pay, gateway),
            is_live=self.is_live,
            describe=partial(installment_description, self),
            now=now,
            today=self.today,
        )

    def _close_ways_to_pay(self, gateway: StripeGateway, key: str) -> bool:
        """Whether nobody can pay an invoice by card now: its payment link and its checkouts are closed."""
        self.link_checkout(gateway).close(key)
        return self.checkout(gateway).close(key)

    def post_office(self) -> PostOffice:
        """The operations that write and send mails; without ``[mail]`` they do nothing."""
        # Imported only here, for it takes a twentieth of the time in which a build starts, and many set up no mail.
        from portal.wiring.mail import MailParts, post_office_of  # noqa: PLC0415

        return post_office_of(
            MailParts(
                settings=self.settings,
                ledger=self.ledger,
                link_key=self.link_key,
                content=self.folders.content,
                mail_folder=self.folders.state / MAIL_FOLDER,
                is_live=self.is_live,
                url_of=self.url_of,
                opens=self.opens_invoice,
                holding_url=self.holding_url,
                page_over=self.page_over,
                refresh=self._refresh,
                now=now,
                today=self.today,
                fixed_day=self.fixed_day,
            )
        )

    def _refresh(self) -> None:
        """Bring in what the provider knows, so that nobody is reminded of what is paid."""
        if self.gateway is not None:
            sync(self.gateway, self.ledger, now())

    @property
    def portal_id(self) -> str:
        """What payments carry at the provider to say that they are this portal's."""
        return portal_id_of(self.link_key)

    @property
    def is_live(self) -> bool:
        """Whether real money moves."""
        return self.gateway.settings.is_live if self.gateway else self.settings.stripe.is_live

    def payment_link(self, invoice_key: str) -> PaymentLink | None:
        """Where an invoice is paid; None where pages have pay buttons instead."""
        if not self.settings.payments.by_links:
            return None
        return self.ledger.active_payment_link(invoice_key, is_live=self.is_live)

    def payment_links(self) -> dict[str, PaymentLink]:
        """The same for all invoices, by key."""
        links = self.ledger.payment_links(is_live=self.is_live) if self.settings.payments.by_links else ()
        return {link.invoice_key: link for link in links if link.state is PaymentLinkState.ACTIVE}

    def link_checkout(self, gateway: StripeGateway) -> LinkCheckout:
        """The operation that brings payment links level with the balances."""
        from portal.adapters.stripe.links import StripeLinks  # noqa: PLC0415  see ``_gateway``

        settings = self.settings
        return LinkCheckout(
            ledger=self.ledger,
            gateway=StripeLinks(gateway),
            wanted=settings.payments.by_links,
            offers_of=lambda invoice, entries: offers_for(
                self.balance(invoice, entries), parts_allowed=settings.payments.part
            ),
            request_of=partial(payment_link_request, settings, self.portal_id),
            portal=self.portal_id,
            now=now,
        )

    def statement_checkout(self, gateway: StripeGateway, link: Link) -> StatementCheckout:
        """The operation that opens checkouts over several invoices of a statement, to whose page customers return."""
        return StatementCheckout(
            checkout=self.checkout(gateway, link),
            parts_allowed=self.settings.payments.part,
            today=self.today,
        )


def now() -> datetime:
    """This moment, aware UTC: the one place where the portal reads the clock."""
    return datetime.now(UTC)


def open_portal(
    settings: Settings, folders: Folders, fixed_day: date | None = None, *, stripe: Stripe | None = None
) -> Portal:
    """The portal these settings and folders describe.

    Args:
        settings: what the pages are made from.
        folders: where everything is.
        fixed_day: the day to work as of, instead of today.
        stripe: how to reach the payment provider, where that is not what the settings say.

    Raises:
        PortalError: the folders overlap, or the link key or the ledger cannot be used.
    """
    check_folders(folders.output, folders.state, folders.content)
    folders.state.mkdir(mode=0o700, parents=True, exist_ok=True)
    configured, address = settings.portal.link_key, settings.ledger.url
    link_key = load_link_key(folders.state, configured.get_secret_value() if configured else None)
    return Portal(
        settings=settings,
        folders=folders,
        ledger=open_ledger(address.get_secret_value() if address else folders.state / LEDGER_FILE),
        link_key=link_key,
        gateway=_gateway(settings, stripe or settings.stripe, portal_id_of(link_key)),
        fixed_day=fixed_day,
    )


def _gateway(settings: Settings, stripe: Stripe, portal_id: str) -> StripeGateway | None:
    """The gateway, told the pages' own shades, so that Stripe's page is like them; None where no key is set."""
    if stripe.api_key is None:
        return None
    # Stripe's library is imported with the first gateway, for it takes a tenth of the time in which a build starts.
    from portal.adapters.stripe import ShopFront, stripe_gateway  # noqa: PLC0415

    shades = palette_of(settings.brand.colour).light
    front = ShopFront(settings.business.name, shades.button, LIGHT_GROUNDS[-1], settings.brand.logo_url)
    return stripe_gateway(stripe, front, now, portal_id)
