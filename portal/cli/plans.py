"""``portal collect``, ``plans`` and ``plan``: installments that fell due, and where payment plans stand."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from portal.adapters.stripe.plans import stripe_collector
from portal.building.freeze import PageFreezer
from portal.cli.attending import attend
from portal.cli.common import as_json_option, opened, portal_command, print_json, readable, tell_problems
from portal.cli.layout import print_table, wrapped
from portal.cli.levelling import brought_level
from portal.cli.sync import opened_with_gateway
from portal.errors import PortalError, Problem, UnknownInvoiceError
from portal.payments import planning
from portal.payments.collection import Collected
from portal.receivables.plan_offers import PlanWay
from portal.receivables.plans import plan_standing, standing_of_plan
from portal.wiring.portal import now

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from portal.payments.collection import CollectionResult
    from portal.ports.plans import PlanRecord
    from portal.receivables.plans import PlanStanding
    from portal.wiring.portal import Folders, Portal

_PROBLEMS = frozenset({Collected.FAILED, Collected.UNKNOWN})


@click.command()
@portal_command
@click.option("--dry-run", is_flag=True, help="Say what would be charged, and charge nothing.")
@as_json_option
def collect(folders: Folders, as_of: date | None, *, dry_run: bool, as_json: bool) -> None:
    """Charge the saved cards for installments that fell due; safe to run any number of times a day."""
    portal, gateway = opened_with_gateway(folders, as_of)
    collector = stripe_collector(gateway.settings, portal.portal_id)
    if collector is None:
        raise PortalError(Problem("There is no Stripe key.", "Set PORTAL_STRIPE_KEY in the environment."))
    portal.post_office().begin()
    results = list(portal.collection(gateway, collector).collect(dry_run=dry_run))
    notices = [] if dry_run else brought_level(portal, unclosed=False)
    if as_json:
        print_json([_plain_result(result) for result in results])
    elif results:
        rows = [("Invoice", "Installment", "Amount", "Outcome", "Reason")]
        rows += [
            (", ".join(r.invoice_keys), str(r.installment), readable(r.amount), r.outcome.value, r.reason or "")
            for r in results
        ]
        print_table(rows, right=frozenset({1, 2}), loose=(4, 0))
    else:
        click.echo("No installment is due.")
    tell_problems(notices, "Worth a look")
    if any(result.outcome in _PROBLEMS for result in results):
        sys.exit(1)


@click.command()
@portal_command
@as_json_option
def plans(folders: Folders, as_of: date | None, *, as_json: bool) -> None:
    """List the payment plans in force and where they stand."""
    portal = opened(folders, as_of)
    found = [(record, _standing(portal, record)) for record in portal.ledger.plans_in_force().values()]
    if as_json:
        print_json([plain_plan(record, stands) for record, stands in found])
        return
    if not found:
        click.echo("No payment plan is in force.")
        return
    rows: list[tuple[str, ...]] = [("Invoice", "State", "Paid", "Rest", "Due by now", "Next", "Way")]
    rows += [_row(record, stands) for record, stands in found]
    print_table(rows, right=frozenset({2, 3, 4}), loose=(5, 1))


@click.command()
@click.argument("number")
@portal_command
@click.option("--cancel", is_flag=True, help="Stop the plan: nothing is charged for it any more.")
@as_json_option
def plan(number: str, folders: Folders, as_of: date | None, *, cancel: bool, as_json: bool) -> None:
    """Show the payment plan of one invoice with what was agreed, or stop it, on all invoices that it is about."""
    portal = opened(folders, as_of)
    record = portal.ledger.plan_in_force(number)
    if record is None:
        raise UnknownInvoiceError(
            Problem(f"Invoice {number!r} is on no payment plan.", "`portal plans` lists them.", field="NUMBER")
        )
    if cancel:
        _cancel(portal, number)
    stands = _standing(portal, record)
    keys = planning.invoices_of_plan(record, portal.ledger)
    agreed = {"keys": list(keys), "is_stopped": cancel, "consent_text": record.plan.consent_text}
    plain = plain_plan(record, stands) | agreed
    if as_json:
        print_json(plain)
        return
    if cancel:
        click.echo(f"The plan of {_named(keys)} is stopped; nothing more is charged for it.")
    elif len(keys) > 1:
        click.echo(f"Part of the plan of {_named(keys)}; this is what is for {number}.\n")
    print_table([("Installment", "Due", "Amount", "Paid"), *_schedule(stands)], right=frozenset({2, 3}))
    click.echo(f"\nAgreed on {record.plan.agreed_at:%Y-%m-%d %H:%M} UTC, terms {record.plan.terms_version}:\n")
    for paragraph in record.plan.consent_text.split("\n"):
        click.echo(wrapped("", paragraph))


def _named(keys: Sequence[str]) -> str:
    """The invoices of an agreement, for people."""
    return f"invoice {keys[0]}" if len(keys) == 1 else f"invoices {', '.join(keys)}"


def _cancel(portal: Portal, number: str) -> None:
    if not planning.stop(number, portal.ledger, now()):
        raise PortalError(
            Problem(
                f"What became of a charge on invoice {number} is not known yet; the plan goes on.",
                "Run `portal collect`, which asks Stripe, and then try again.",
            )
        )
    PageFreezer(portal).freeze_stale()
    attend(portal)


def _standing(portal: Portal, record: PlanRecord) -> PlanStanding:
    key = record.plan.invoice_key
    invoice, entries = portal.ledger.invoice(key), portal.ledger.entries_of(key)
    if invoice is None:
        return standing_of_plan(record.plan, entries, portal.today())
    return plan_standing(record.plan, invoice, portal.balance(invoice, entries), entries, portal.today())


def _way(record: PlanRecord) -> str:
    return (PlanWay.AUTOMATIC if record.plan.automatic else PlanWay.BY_HAND).value


def _row(record: PlanRecord, stands: PlanStanding) -> tuple[str, ...]:
    coming = f"{stands.next.due_on}  {readable(stands.next_request)}" if stands.next else "-"
    amounts = (readable(stands.paid), readable(stands.rest), readable(stands.due))
    return (record.plan.invoice_key, stands.state.value, *amounts, coming, _way(record))


def _schedule(stands: PlanStanding) -> list[tuple[str, ...]]:
    return [
        (str(one.number), one.due_on.isoformat(), readable(one.amount), readable(one.paid))
        for one in stands.installments
    ]


def plain_plan(record: PlanRecord, stands: PlanStanding) -> dict[str, Any]:
    """A plan as plain values; amounts are decimal strings."""
    plan = record.plan
    return {
        "key": plan.invoice_key,
        "plan": plan.plan_id,
        "agreement": plan.agreement,
        "state": stands.state.value,
        "way": _way(record),
        "currency": plan.currency,
        "total": plan.total.decimal_text,
        "paid": stands.paid.decimal_text,
        "rest": stands.rest.decimal_text,
        "due": stands.due.decimal_text,
        "next_on": stands.next.due_on.isoformat() if stands.next else None,
        "next_amount": stands.next_request.decimal_text,
        "agreed_at": plan.agreed_at.isoformat(),
        "terms_version": plan.terms_version,
        "installments": [
            {
                "installment": one.number,
                "due_on": one.due_on.isoformat(),
                "amount": one.amount.decimal_text,
                "paid": one.paid.decimal_text,
            }
            for one in stands.installments
        ],
        "attempts": [
            {
                "installment": attempt.installment,
                "attempt": attempt.number,
                "amount": attempt.amount.decimal_text,
                "state": attempt.state.value,
                "on": attempt.begun_on.isoformat(),
                "reason": attempt.reason,
            }
            for attempt in record.attempts
        ],
    }


def _plain_result(result: CollectionResult) -> dict[str, str | int | list[str] | None]:
    return {
        "keys": list(result.invoice_keys),
        "installment": result.installment,
        "amount": result.amount.decimal_text,
        "currency": result.amount.currency,
        "outcome": result.outcome.value,
        "reason": result.reason,
    }
