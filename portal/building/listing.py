"""What the owner's files hold, beside what the last build had; and what of it need not be looked at."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from portal import sources
from portal.building.changed_claims import in_another_currency
from portal.building.kept_builds import AtRest, KeptBuild, kept_build
from portal.errors import GatewayError, Problem
from portal.invoice_terms import with_terms
from portal.sources.customers import doubtful_numbers
from portal.sources.from_provider import FOLDER, not_read, read_provider_invoices
from portal.sources.reading import Reading
from portal.sources.unchanged import NOTHING_KNOWN, Known

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from collections.abc import Set as AbstractSet
    from datetime import date

    from portal.ports.builds import BuildRecord, InvoiceComparison
    from portal.receivables.invoice import Invoice
    from portal.wiring.portal import Portal


@dataclass(frozen=True, slots=True)
class Listing:
    """The owner's invoices at the beginning of a build.

    Attributes:
        loaded: what was read, and what woke: all invoices that are listed and do not rest.
        compared: what was read beside what the last build had.
        last: that build.
        keep: keys of invoices that stay as they were, since they cannot be read.
        gone: those that are not listed any more.
        at_rest: those that rest.
    """

    loaded: sources.Loaded
    compared: InvoiceComparison
    last: BuildRecord | None
    keep: frozenset[str]
    gone: Sequence[Invoice]
    at_rest: AtRest


def list_invoices(portal: Portal, *, may_rest: bool, ask_provider: bool) -> Listing:
    """Read the owner's files, and hold them against the last build.

    Args:
        portal: whose.
        may_rest: whether what is as it was need not be read again.
        ask_provider: whether Stripe is asked for its own invoices.
    """
    last = portal.ledger.last_build()
    kept = kept_build(portal) if may_rest else KeptBuild()
    loaded = load_invoices(portal, ask_provider=ask_provider, known=kept.known())
    at_rest = AtRest(kept, loaded.unchanged)
    compared = portal.ledger.compare_invoices(loaded.invoices, at_rest.invoices.keys())
    if wrong := in_another_currency(portal, compared, loaded.invoices):
        loaded = _without(loaded, wrong)
        compared = portal.ledger.compare_invoices(loaded.invoices, at_rest.invoices.keys())
    keep = _unreadable_now(portal, loaded, at_rest.invoices.keys()) | wrong.keys()
    gone = _gone(compared, keep, portal.today())
    if at_rest.invoices:
        loaded = _with_woken(portal, loaded, at_rest, [*gone, *portal.invoices_as_built(keep)])
    return Listing(loaded, compared, last, keep, gone, at_rest)


def _with_woken(portal: Portal, loaded: sources.Loaded, at_rest: AtRest, besides: Iterable[Invoice]) -> sources.Loaded:
    """What was read, with what wakes because of it, because of others besides, or of what the ledger knows."""
    keys = at_rest.wake(portal.ledger.invoices_with_entries())
    keys += at_rest.wake_changed(portal.settings, [*loaded.invoices, *besides])
    invoices = sorted((*loaded.invoices, *portal.ledger.invoices(keys)), key=lambda invoice: invoice.key)
    return replace(loaded, invoices=tuple(invoices), warnings=(*loaded.warnings, *doubtful_numbers(invoices)))


def load_invoices(portal: Portal, *, ask_provider: bool = False, known: Known = NOTHING_KNOWN) -> sources.Loaded:
    """The owner's invoices as they are now, each with its terms worked out.

    Args:
        portal: whose.
        ask_provider: whether Stripe is asked for its own invoices; otherwise they are those of the last build.
        known: what need not be read again.
    """
    others = _provider_invoices(portal, ask=ask_provider)
    loaded = sources.load(portal.folders.content, currency=portal.settings.sources.currency, others=others, known=known)
    terms, zone = portal.settings.terms, ZoneInfo(portal.settings.portal.timezone)
    return replace(loaded, invoices=tuple(with_terms(invoice, terms, zone) for invoice in loaded.invoices))


def _provider_invoices(portal: Portal, *, ask: bool) -> Reading | None:
    """Stripe's own open invoices, where the owner wants them; those of the last build where Stripe is not asked."""
    wanted = portal.settings.sources.stripe_invoices
    if wanted == "none":
        return None
    provider = portal.invoice_provider() if ask else None
    if provider is None:
        keys = (key for key, source in portal.ledger.invoice_sources().items() if source.startswith(f"{FOLDER}/"))
        built = portal.invoices_as_built(keys)
        return Reading(tuple(replace(one, key=one.number) for one in built if one.gone_on is None))
    try:
        found = provider.open_invoices()
    except GatewayError as error:
        return not_read(error)
    return read_provider_invoices(found, ZoneInfo(portal.settings.portal.timezone), paid_here=wanted == "paid_here")


def _without(loaded: sources.Loaded, wrong: Mapping[str, Problem]) -> sources.Loaded:
    """The same without the invoices that cannot be taken as they are written now."""
    return replace(
        loaded,
        invoices=tuple(invoice for invoice in loaded.invoices if invoice.key not in wrong),
        problems=(*loaded.problems, *wrong.values()),
        rejected=loaded.rejected + len(wrong),
    )


def _gone(compared: InvoiceComparison, keep: AbstractSet[str], today: date) -> list[Invoice]:
    """Invoices of earlier builds that are not listed now, each with the day it was first missed.

    Their own documents are left out: they lay beside the sources that are gone.
    """
    kept = (invoice for key, invoice in compared.gone.items() if key not in keep)
    return [replace(invoice, gone_on=invoice.gone_on or today, original=None) for invoice in kept]


def _unreadable_now(portal: Portal, loaded: sources.Loaded, resting: AbstractSet[str]) -> frozenset[str]:
    """Invoices of earlier builds whose file has a problem now: a slip of the pen must not take a page away."""
    troubled = tuple(problem.file for problem in loaded.problems if problem.file)
    if not troubled:
        return frozenset()
    present = {invoice.key for invoice in loaded.invoices} | resting
    return frozenset(
        key
        for key, source in portal.ledger.invoice_sources().items()
        if key not in present
        and any(source == file or source.startswith((f"{file}:", f"{file}/")) for file in troubled)
    )
