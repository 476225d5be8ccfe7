"""How a customer can tell that the page is really the business's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.pages.pieces import Row
from portal.pages.way_models import Genuine
from portal.texts import gettext as _

if TYPE_CHECKING:
    from portal.config import Settings
    from portal.receivables.invoice import Invoice


def genuine_of(invoice: Invoice, settings: Settings, *, asks_for_money: bool) -> Genuine | None:
    """What the customer knows too: the job, a reference of their own, their number with us.

    A false page could name a false phone number, so the number the customer already has comes first.
    """
    if not asks_for_money:
        return None
    job = invoice.subject or (invoice.lines[0].description if invoice.lines else None)
    known = (
        (_("The job"), job),
        (_("Your reference"), invoice.order_reference),
        (_("Your customer number"), invoice.customer.reference),
    )
    phone = settings.business.phone
    if phone:
        check = _(
            "If in doubt, call us: on a number you already have for us, or on %(phone)s.",
            phone=phone.replace(" ", "\N{NO-BREAK SPACE}"),
        )
    else:
        check = _("If in doubt, ask us in a way you have used before.")
    return Genuine(
        rows=tuple(Row(label, value) for label, value in known if value),
        sentences=(
            check,
            _("We never change our bank details by email. If a message says we did, ask us before you pay."),
        ),
    )
