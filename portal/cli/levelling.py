"""What follows an entry of the owner's, or a charge: payment links, pages and mails become level; what could not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.building.build import level_links_as_built
from portal.building.freeze import PageFreezer
from portal.cli.attending import attend
from portal.errors import Problem

if TYPE_CHECKING:
    from portal.wiring.portal import Portal


def brought_level(portal: Portal, *, unclosed: bool) -> list[Problem]:
    """Bring payment links, pages and mails level with what was written; what the owner should know of it."""
    notices = [*_still_payable(unclosed=unclosed), *level_links_as_built(portal), *_frozen(portal)]
    attend(portal)
    return notices


def _still_payable(*, unclosed: bool) -> list[Problem]:
    if not unclosed:
        return []
    return [
        Problem(
            "The customer has a checkout open that could not be closed, since no Stripe key is set here.",
            "Set PORTAL_STRIPE_KEY for this command; what is paid there until then counts all the same.",
        )
    ]


def _frozen(portal: Portal) -> list[Problem]:
    """Freeze the page at once; whatever hinders it, what was recorded is there and the page waits to be frozen."""
    try:
        PageFreezer(portal).freeze_stale()
    except Exception as error:  # noqa: BLE001  as said above
        return [Problem(f"All is recorded, but a page is not frozen yet: {error}", "Run `portal build`.")]
    return []
