"""The build: read the owner's invoices, keep them in the ledger, freeze what changed, and say what was done."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from portal import sources
from portal.building.changed_claims import close_overtaken, in_another_currency, perhaps_counted_twice
from portal.building.changes import BuildChanges, changed_amounts, changes_of, many_gone
from portal.building.freeze import FreezeReport, freeze_all
from portal.building.links_file import write_links_file
from portal.building.standings import InvoiceCounts, Standing, counts_of, remaining_in, standings_in
from portal.documents import Documents
from portal.errors import ContentError, GatewayError, Problem
from portal.hosting.public_hosts import public_host_problems
from portal.invoice_terms import rates_to_enter, with_terms
from portal.payees import look_over_references
from portal.payments.history import Patience
from portal.payments.link_checkout import LinksReport
from portal.payments.reconciliation import to_look_at
from portal.payments.syncing import sync
from portal.ports.builds import BuildRecord
from portal.sources.from_provider import FOLDER, not_read, read_provider_invoices
from portal.sources.reading import Reading
from portal.wiring.portal import now

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from collections.abc import Set as AbstractSet
    from datetime import date
    from pathlib import Path

    from portal.building.shares import Share
    from portal.ports import Link
    from portal.ports.builds import InvoiceComparison
    from portal.receivables.invoice import Invoice
    from portal.receivables.money import Money
    from portal.wiring.portal import Portal

_LINKS_BETWEEN_WORDS = 20


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build did, or in a rehearsal what it would do.

    Attributes:
        changes: what is otherwise since the last build.
        amount_remaining: what open invoices have left to pay, a sum per currency.
        links_file: the table of links for mail merge; None in a rehearsal.
        links: what was done to payment links; None where customers do not pay through any.
        documents: all that the portal has now, with their facts.
    """

    invoices: InvoiceCounts
    pages: FreezeReport
    changes: BuildChanges
    amount_remaining: Mapping[str, Money]
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    documents: Documents
    links: LinksReport | None = None
    links_file: Path | None = None


def build(  # noqa: PLR0913  each is named at the call
    portal: Portal,
    *,
    say: Callable[[str], None] = lambda _step: None,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
    rehearse: bool = False,
    strict: bool = False,
    share: Share | None = None,
) -> BuildReport:
    """Bring the output folder level with the content and the ledger.

    What cannot be read is reported and changes nothing: the pages it had before stay as they are. What is no longer
    listed keeps its page, which says that it is no longer open. Where a Stripe key is set, what Stripe knows is brought
    in before the pages are made; they are made even when it does not answer.

    Args:
        portal: the portal to build.
        say: told what is being done.
        progress: told pages done and pages to do.
        rehearse: write no file; the portal's ledger is a copy that is thrown away (``portal.rehearsing``).
        strict: whether to stop, before anything is changed, where something was not taken or a table's totals differ.
        share: of the pages, where several machines build; None is all.

    Raises:
        ContentError: with ``strict``, all that has to be put right first.
    """
    say("Reading invoices")
    loaded = load_invoices(portal, ask_provider=not rehearse)
    compared, last = portal.ledger.compare_invoices(loaded.invoices), portal.ledger.last_build()
    if wrong := in_another_currency(portal, compared, loaded.invoices):
        loaded = _without(loaded, wrong)
        compared = portal.ledger.compare_invoices(loaded.invoices)
    if strict and (loaded.problems or loaded.differences):
        raise ContentError([*loaded.problems, *loaded.differences])
    keep = _unreadable_now(portal, loaded) | wrong.keys()
    gone = _gone(compared, keep, portal.today())
    listed = (*loaded.invoices, *gone)
    twice = perhaps_counted_twice(portal, loaded.invoices)
    portal.ledger.replace_invoices(listed, _links(portal, listed, keep), keep=keep, same=compared.same)
    behind = _sync(portal, say)
    overtaken = close_overtaken(portal, compared, listed, say)
    links = _level_links(portal, listed, keep, say, rehearse=rehearse)
    say(f"{'Comparing' if rehearse else 'Freezing'} pages, invoices: {len(listed):,}")
    documents = Documents(listed, portal.ledger.entries_by_invoice(), portal.today())
    kept = portal.invoices_as_built(keep)
    pages = freeze_all(
        portal, documents, keep=kept, digests=compared.same, progress=progress, rehearse=rehearse, share=share
    )
    say("Adding up")
    documents = documents.brought_up_to_date(portal.ledger)
    standings = standings_in(documents, loaded.invoices)
    changes = changes_of(documents, compared, last)
    counts = counts_of(standings, loaded.rejected, standings_in(documents, gone))
    report = BuildReport(
        invoices=counts,
        pages=pages,
        changes=changes,
        amount_remaining=remaining_in(standings),
        problems=loaded.problems,
        warnings=(
            *public_host_problems(portal.settings),
            *loaded.warnings,
            *many_gone(changes, counts.open),
            *changed_amounts(changes, documents.entries),
            *rates_to_enter(portal.settings.terms, portal.today()),
            *look_over_references(loaded.invoices, portal.settings),
            *twice,
            *overtaken,
            *behind,
            *(links.problems if links else ()),
            *to_look_at(portal.ledger, portal.today()),
        ),
        links=links,
        documents=documents.with_more(kept),
    )
    return report if rehearse else replace(report, links_file=_finish(portal, standings, documents.seq))


def _without(loaded: sources.Loaded, wrong: Mapping[str, Problem]) -> sources.Loaded:
    """The same without the invoices that cannot be taken as they are written now."""
    return replace(
        loaded,
        invoices=tuple(invoice for invoice in loaded.invoices if invoice.key not in wrong),
        problems=(*loaded.problems, *wrong.values()),
        rejected=loaded.rejected + len(wrong),
    )


def _finish(portal: Portal, standings: Sequence[Standing], seq: int) -> Path:
    """What is written when all else is done; where the table of links is."""
    path = write_links_file(portal, ((one.invoice, one.balance) for one in standings))
    portal.ledger.record_build(BuildRecord(now(), portal.today(), seq))
    return path


def _gone(compared: InvoiceComparison, keep: AbstractSet[str], today: date) -> list[Invoice]:
    """Invoices of earlier builds that are not listed now, each with the day it was first missed.

    Their own documents are left out: they lay beside the sources that are gone.
    """
    kept = (invoice for key, invoice in compared.gone.items() if key not in keep)
    return [replace(invoice, gone_on=invoice.gone_on or today, original=None) for invoice in kept]


def load_invoices(portal: Portal, *, ask_provider: bool = False) -> sources.Loaded:
    """The owner's invoices as they are now, each with its terms worked out.

    Args:
        portal: whose.
        ask_provider: whether Stripe is asked for its own invoices; otherwise they are those of the last build.
    """
    others = _provider_invoices(portal, ask=ask_provider)
    loaded = sources.load(portal.folders.content, currency=portal.settings.sources.currency, others=others)
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


def _links(portal: Portal, invoices: Sequence[Invoice], keep: Iterable[str]) -> list[Link]:
    """Every link that these invoices have, and those whose file has a problem now."""
    statements = portal.statement_links([*invoices, *portal.invoices_as_built(keep)])
    return [*portal.links(invoices), *portal.pay_only_links(invoices), *statements]


def _sync(portal: Portal, say: Callable[[str], None]) -> tuple[Problem, ...]:
    """Bring in what Stripe knows, now that the invoices are known; a warning where that cannot be done."""
    if portal.gateway is None:
        return ()
    say("Asking Stripe what is new")
    try:
        sync(portal.gateway, portal.ledger, now(), patience=Patience(say))
    except GatewayError as error:
        problem = (
            f"The pages may not show the newest payments, for Stripe could not be asked: {error.problems[0].problem}"
        )
        return (Problem(problem, "Run `portal sync` when it can."),)
    return ()


def level_links_as_built(portal: Portal) -> tuple[Problem, ...]:
    """Make payment links true after balances changed between two builds; what could not be done, and what to do."""
    built = portal.invoices_as_built(portal.ledger.invoice_sources())
    report = _level_links(portal, built, (), lambda _step: None)
    return report.problems if report else ()


def _level_links(
    portal: Portal,
    invoices: Sequence[Invoice],
    keep: Iterable[str],
    say: Callable[[str], None],
    *,
    rehearse: bool = False,
) -> LinksReport | None:
    """Make payment links true, or switch off those that were made before the owner went back to pay buttons."""
    if rehearse:
        return None
    if not portal.settings.payments.by_links and not portal.ledger.payment_links(is_live=portal.is_live):
        return None
    if portal.gateway is None:
        problem = Problem("There is no Stripe key, so payment links stay as they are.", "Set PORTAL_STRIPE_KEY.")
        return LinksReport(problems=(problem,))
    say("Making payment links")

    def progress(done: int, to_do: int) -> None:
        if done % _LINKS_BETWEEN_WORDS == 0:
            say(f"  {done:,} of {to_do:,} links")

    return portal.link_checkout(portal.gateway).level([*invoices, *portal.invoices_as_built(keep)], progress)


def _unreadable_now(portal: Portal, loaded: sources.Loaded) -> frozenset[str]:
    """Invoices of earlier builds whose file has a problem now: a slip of the pen must not take a page away."""
    troubled = tuple(problem.file for problem in loaded.problems if problem.file)
    present = {invoice.key for invoice in loaded.invoices}
    return frozenset(
        key
        for key, source in portal.ledger.invoice_sources().items()
        if key not in present
        and any(source == file or source.startswith((f"{file}:", f"{file}/")) for file in troubled)
    )
