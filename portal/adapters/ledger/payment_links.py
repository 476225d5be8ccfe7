"""Payment links in the ledger: their rows, and what may be asked of and written to them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

from portal.adapters.ledger.engine import reading
from portal.adapters.ledger.tables import payment_links
from portal.ports.payment_links import PaymentLink, PaymentLinkState
from portal.receivables.link_terms import LinkTerms
from portal.receivables.money import Money

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection, Engine, Row

_ONE = select(payment_links).where(payment_links.c.row_id == bindparam("row_id"))
_IN_USE = (
    select(payment_links)
    .where(payment_links.c.is_live == bindparam("is_live"))
    .where(payment_links.c.state != PaymentLinkState.DEACTIVATED.value)
    .order_by(payment_links.c.created_at, payment_links.c.row_id)
)
_OF_INVOICE = _IN_USE.where(payment_links.c.invoice_key == bindparam("key"))
_UPDATE = (
    payment_links.update()
    .where(payment_links.c.row_id == bindparam("which"))
    .values({name: bindparam(name) for name in ("state", "price_id", "link_id", "url")})
)


class PaymentLinksInTransaction(ABC):
    """The part of a ledger transaction that is about payment links."""

    _connection: Connection

    @abstractmethod
    def lock(self, *keys: str) -> None:
        """Keep everybody else away from invoices until the transaction ends."""

    def payment_link(self, row_id: str) -> PaymentLink | None:
        """One row. It never moves to another invoice, so it may be read once to learn which one to lock."""
        row = self._connection.execute(_ONE, {"row_id": row_id}).one_or_none()
        if row is None:
            return None
        self.lock(row.invoice_key)
        return _link(self._connection.execute(_ONE, {"row_id": row_id}).one())

    def payment_link_of(self, key: str, *, is_live: bool) -> PaymentLink | None:
        """The row of an invoice that is not deactivated; there is one at the most in each world."""
        self.lock(key)
        return _of_invoice(self._connection, key, is_live=is_live)

    def add_payment_link(self, link: PaymentLink) -> None:
        """Keep a new row, before the provider is asked."""
        self.lock(link.invoice_key)
        self._connection.execute(payment_links.insert(), _row(link))

    def update_payment_link(self, link: PaymentLink) -> None:
        """Keep a row's state and the provider's ids; what it was asked for with never changes."""
        self.lock(link.invoice_key)
        ids = {"price_id": link.price_id, "link_id": link.link_id, "url": link.url}
        self._connection.execute(_UPDATE, {"which": link.row_id, "state": link.state.value, **ids})


class PaymentLinksOfLedger:
    """The part of a ledger that is about payment links."""

    _engine: Engine

    def payment_links(self, *, is_live: bool) -> tuple[PaymentLink, ...]:
        """The rows of a world that are not deactivated, oldest first."""
        with reading(self._engine) as connection:
            return tuple(map(_link, connection.execute(_IN_USE, {"is_live": is_live})))

    def active_payment_link(self, key: str, *, is_live: bool) -> PaymentLink | None:
        """The link of an invoice that customers may be sent to."""
        with reading(self._engine) as connection:
            link = _of_invoice(connection, key, is_live=is_live)
        return link if link is not None and link.state is PaymentLinkState.ACTIVE else None


def _of_invoice(connection: Connection, key: str, *, is_live: bool) -> PaymentLink | None:
    row = connection.execute(_OF_INVOICE, {"key": key, "is_live": is_live}).one_or_none()
    return None if row is None else _link(row)


def _link(row: Row[Any]) -> PaymentLink:
    minimum = None if row.minimum_minor is None else Money(row.minimum_minor, row.currency)
    return PaymentLink(
        row_id=row.row_id,
        invoice_key=row.invoice_key,
        terms=LinkTerms(Money(row.amount_minor, row.currency), minimum),
        is_live=row.is_live,
        request=row.request,
        state=PaymentLinkState(row.state),
        created_at=row.created_at,
        price_id=row.price_id,
        link_id=row.link_id,
        url=row.url,
    )


def _row(link: PaymentLink) -> dict[str, Any]:
    terms = link.terms
    return {
        "row_id": link.row_id,
        "invoice_key": link.invoice_key,
        "amount_minor": terms.amount.minor,
        "minimum_minor": terms.minimum.minor if terms.minimum else None,
        "currency": terms.amount.currency,
        "is_live": link.is_live,
        "request": link.request,
        "state": link.state.value,
        "created_at": link.created_at,
        "price_id": link.price_id,
        "link_id": link.link_id,
        "url": link.url,
    }
