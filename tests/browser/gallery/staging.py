"""What the scenes are made of: a business with everything filled in, invoices as they usually are, and payments."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import requests
import stripe

from portal.building.build import build

if TYPE_CHECKING:
    from datetime import date

    from world import World

LOCALE = "en-GB"
"""What every scene is set in, unless it says otherwise."""

LOGO = Path(__file__).parents[3] / "content" / "logo.svg"
BUSINESS = """
[business]
name = "Harbour & Pine Joinery"
legal_name = "Harbour & Pine Joinery Ltd"
address = "1 Sample Quay, Exampleton EX4 0MP"
email = "hello@example.com"
phone = "+44 (0)1632 960 142"
tax_number = "GB 000 0000 00"
[portal]
base_url = "{url}"
locale = "{locale}"
timezone = "Europe/London"
[brand]
logo = "logo.svg"
[terms]
summary = "Payment is due on the date shown. If you need longer, please tell us before then."
[[bank]]
sort_code = "00-00-00"
account_number = "00000000"
"""
INVOICE = """+++
number = "{number}"
issued_on = 2026-10-01
due_on = {due_on}
currency = "{currency}"
total = "{total}"
subject = "Oak alcove shelving"
customer = {{ name = "Sample Customer Ltd", email = "accounts@example.com", business = true }}
{more}
[[lines]]
description = "Oak alcove shelving, made to measure"
quantity = "1.5"
unit = "metres"
amount = "{total}"
+++

Thank you for choosing us. The oak wants a **thin coat of oil** once a year: see [our notes](https://example.com/oil).
"""
TERMS = """# Payment terms

## In short

- Payment is due on the date that your invoice shows.

| what | when |
|---|---|
| delivery | half |

See [the law](https://example.com/law).
"""


def furnish(world: World, settings: str = "") -> None:
    """A business with everything filled in, and these settings; built and served anew."""
    world.write("portal.toml", BUSINESS.format(url=world.url, locale=LOCALE) + settings)
    world.write("logo.svg", LOGO.read_text(encoding="utf-8"))
    world.write("pages/terms.md", TERMS)
    renew(world)


def alone(world: World) -> None:
    """Without the invoice that every world begins with."""
    (world.folders.content / "invoices" / "1042.md").unlink()


def renew(world: World) -> None:
    """Build with what the owner has written since, and serve that."""
    world.build()
    world.serve_again()


def invoice(  # noqa: PLR0913  what a scene changes of an invoice, named
    world: World,
    number: str,
    total: str = "840.00",
    *,
    currency: str = "GBP",
    due_on: str = "2026-10-31",
    more: str = "",
) -> None:
    """An invoice of the owner's, seen at the next build."""
    fields = {"number": number, "total": total, "currency": currency, "due_on": due_on, "more": more}
    world.write(f"invoices/{number}.md", INVOICE.format(**fields))


def pay(world: World, key: str, amount: str | None = None, means: str = "4242") -> None:
    """Pay all of an invoice or a part of it, and come back."""
    part = {"want": "part", "amount": amount, "confirmed": "1"} if amount else {}
    opened = world.pay(key, **part)
    assert opened.status_code == 303, opened.text
    world.come_back(world.at_checkout(opened.headers["Location"], means))


def charge(world: World) -> str:
    """The sandbox's id of the last charge."""
    api = stripe.StripeClient("sk_test_1", base_addresses={"api": f"{world.url}/sandbox"})
    return api.v1.charges.list({"limit": 1}).data[0].id


def post(world: World, path: str, key: str, **fields: str) -> requests.Response:
    """Send a form of an invoice's page, its hidden fields changed as given."""
    sent = world.form(world.page(key)) | fields
    return requests.post(world.url + path, data=sent, allow_redirects=False, timeout=60)


def sync(world: World, day: date | None = None) -> None:
    """What ``portal build`` does where a key is set: ask for what is new, and freeze what changed."""
    if day is not None:
        world.serve_again(day)
    report = build(world.served())
    assert not report.problems, report.problems
