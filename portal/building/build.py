"""The build: read the owner's invoices, keep them in the ledger, freeze what changed, and say what was done."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from portal.building.changed_claims import close_overtaken, perhaps_counted_twice
from portal.building.changes import BuildChanges, changed_amounts, changes_of, many_gone
from portal.building.freeze import FreezeReport, freeze_all
from portal.building.kept_builds import forget_build
from portal.building.leaving import Left, leave
from portal.building.links_file import links_rows, write_links_file
from portal.building.listing import list_invoices
from portal.building.standings import InvoiceCounts, Standing, counts_of, remaining_in, standings_in
from portal.documents import Documents
from portal.errors import ContentError, GatewayError, Problem
from portal.hosting.public_hosts import public_host_problems
from portal.invoice_terms import rates_to_enter
from portal.payees import look_over_references
from portal.payments.history import Patience
from portal.payments.link_checkout import LinksReport
from portal.payments.reconciliation import to_look_at
from portal.payments.syncing import sync
from portal.ports.builds import BuildRecord
from portal.wiring.portal import now

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from portal.building.kept_builds import AtRest
    from portal.building.links_file import LinksRow
    from portal.building.shares import Share
    from portal.ports import Link, PageRecord
    from portal.receivables.invoice import Invoice
    from portal.receivables.money import Money
    from portal.resting import Resting
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
    # A rehearsal, and a build of a share, look at everything: what they leave would be half the truth.
    listing = list_invoices(portal, may_rest=not rehearse and share is None, ask_provider=not rehearse)
    loaded, keep, at_rest = listing.loaded, listing.keep, listing.at_rest
    if strict and (loaded.problems or loaded.differences):
        raise ContentError([*loaded.problems, *loaded.differences])
    listed = (*loaded.invoices, *listing.gone)
    twice = perhaps_counted_twice(portal, loaded.invoices)
    if not rehearse:
        forget_build(portal)
    portal.ledger.replace_invoices(
        listed, _links(portal, listed, keep), keep=keep | at_rest.subjects(), same=listing.compared.same
    )
    behind = _sync(portal, say)
    overtaken = close_overtaken(portal, listing.compared, listed, say)
    links = _level_links(portal, listed, keep, say, rehearse=rehearse)
    marks, known = portal.ledger.marks_of_links(), portal.publisher().known()
    documents = _documents(portal, listed, at_rest, known)
    say(f"{'Comparing' if rehearse else 'Freezing'} pages, invoices: {len(documents):,}")
    kept = portal.invoices_as_built(keep)
    frozen = freeze_all(
        portal,
        documents,
        known=known,
        at_rest=at_rest,
        keep=kept,
        digests=listing.compared.same,
        progress=progress,
        rehearse=rehearse,
        share=share,
    )
    say("Adding up")
    documents = documents.brought_up_to_date(portal.ledger)
    standings = _standings(documents, listing.gone)
    resting = documents.resting.values()
    changes = changes_of(documents, listing.compared, listing.last)
    counts = counts_of(standings, loaded.rejected, standings_in(documents, listing.gone), resting)
    report = BuildReport(
        invoices=counts,
        pages=frozen.report,
        changes=changes,
        amount_remaining=remaining_in(standings, resting),
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
    if rehearse:
        return report
    rows = dict(links_rows(portal, ((one.invoice, one.balance) for one in standings)))
    path = _write_links_file(portal, rows, documents.resting)
    record = BuildRecord(now(), portal.today(), documents.seq)
    portal.ledger.record_build(record)
    if share is None:
        told = (*report.problems, *report.warnings)
        leave(portal, record, marks, Left(standings, documents, listing, frozen, rows, told))
    return replace(report, links_file=path)


def _documents(
    portal: Portal, listed: Sequence[Invoice], at_rest: AtRest, known: Mapping[str, PageRecord]
) -> Documents:
    """The documents that pages are made of; what the ledger has heard of meanwhile rests no longer."""
    entries = portal.ledger.entries_by_invoice()
    woken: list[str] = []
    if at_rest.invoices:
        woken += at_rest.wake([*entries, *portal.ledger.plans_in_force(), *portal.ledger.stale_invoices()])
        woken += at_rest.wake_without_pages(known)
    return Documents((*listed, *portal.ledger.invoices(woken)), entries, portal.today(), at_rest.invoices)


def _standings(documents: Documents, gone: Iterable[Invoice]) -> tuple[Standing, ...]:
    """Where each invoice stands that is listed and does not rest, by key."""
    keys = documents.invoices.keys() - {invoice.key for invoice in gone}
    return standings_in(documents, (documents.invoices[key] for key in sorted(keys)))


def _write_links_file(portal: Portal, rows: Mapping[str, LinksRow], resting: Mapping[str, Resting]) -> Path:
    """The table of links; where it is."""
    every = {**rows, **{key: one.row for key, one in resting.items() if one.row}}
    return write_links_file(portal, (every[key] for key in sorted(every)))


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
