"""The portal's own site, frozen as Frozen-Flask's documentation shows, with Babel asked for each amount and date."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from babel.dates import format_date
from babel.numbers import format_currency
from flask_frozen import Freezer
from sample import AS_OF

from portal.building.build import load_invoices
from portal.building.site import create_site
from portal.building.site_contents import SiteContents
from portal.config import load_settings
from portal.formats import Formats
from portal.wiring.portal import Folders, open_portal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from portal.receivables.money import Money


def money(self: Formats, amount: Money) -> str:
    """As Babel writes it."""
    return format_currency(amount.decimal, amount.currency, locale=self.locale.replace("-", "_"))


def day(self: Formats, when: date) -> str:
    """As Babel writes it."""
    return format_date(when, "long", locale=self.locale.replace("-", "_"))


def main(root: Path) -> None:
    """Freeze every invoice's page, and the receipts, into ``plain``."""
    Formats.money, Formats.date = money, day  # type: ignore[method-assign, assignment]  # slow, on purpose
    settings = load_settings(root / "content", {})
    portal = open_portal(settings, Folders(root / "content", root / "build", root / "var"), AS_OF)
    by_token = {portal.token_of(invoice.key): (invoice, ()) for invoice in load_invoices(portal).invoices}
    app = create_site(SiteContents(settings=settings, as_of=AS_OF, find=by_token.get, terms=None))
    app.config["FREEZER_DESTINATION"] = str((root / "plain").resolve())
    app.config["FREEZER_IGNORE_MIMETYPE_WARNINGS"] = True
    freezer = Freezer(app, with_no_argument_rules=False)

    @freezer.register_generator  # type: ignore[untyped-decorator]  # the package has no type hints
    def invoice() -> Iterator[dict[str, str]]:
        for token in by_token:
            yield {"token": token}

    @freezer.register_generator  # type: ignore[untyped-decorator]  # the package has no type hints
    def receipt() -> Iterator[dict[str, str]]:
        for token, (one, _facts) in by_token.items():
            if one.payments:
                yield {"token": token}

    freezer.freeze()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
