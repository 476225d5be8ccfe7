"""``portal doctor``: what is wrong, and what to do about each."""

from __future__ import annotations

import sys
from collections import Counter
from typing import TYPE_CHECKING

import click

from portal.adapters.stripe import ShopFront, stripe_gateway
from portal.cli.common import as_json_option, portal_command, print_json
from portal.cli.layout import wrapped
from portal.cli.progress import Progress
from portal.config import load_settings
from portal.doctor import Examined, Outcome, examine
from portal.rehearsing import rehearsal
from portal.wiring.portal import now

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from portal.doctor import Finding
    from portal.wiring.portal import Folders

_SHOWN = {Outcome.OK: "ok", Outcome.WARNING: "LOOK", Outcome.PROBLEM: "WRONG", Outcome.SKIPPED: "-"}
_WORDS = {
    Outcome.PROBLEM: "wrong",
    Outcome.WARNING: "worth a look",
    Outcome.OK: "as they should be",
    Outcome.SKIPPED: "not looked at",
}
_INDENT = 8
_WIDEST = 100


@click.command()
@portal_command
@as_json_option
def doctor(folders: Folders, as_of: date | None, *, as_json: bool) -> None:
    """Examine settings, keys, webhook, mail, ledger and pages; say what is wrong and what to do. Changes nothing."""
    settings = load_settings(folders.content)
    with Progress() as progress, rehearsal(settings, folders, as_of) as portal:
        progress.step("Looking at everything")
        gateway = stripe_gateway(settings.stripe, ShopFront(settings.business.name), now, portal.portal_id)
        findings = examine(Examined(portal, settings.publish, gateway))
    if as_json:
        print_json([finding.as_dict() for finding in findings])
    else:
        tell(findings)
    if any(finding.outcome is Outcome.PROBLEM for finding in findings):
        sys.exit(1)


def tell(findings: Sequence[Finding]) -> None:
    """The findings, those of one check together, and how many there are of each kind."""
    check = None
    for finding in findings:
        if finding.check != check:
            check = finding.check
            click.echo(f"\n{check[0].upper()}{check[1:]}")
        click.echo(wrapped(f"  {_SHOWN[finding.outcome]:<{_INDENT - 2}}", finding.what, otherwise=_WIDEST))
        if finding.remedy:
            click.echo(wrapped(f"{'':<{_INDENT}}-> ", finding.remedy, otherwise=_WIDEST))
    counts = Counter(finding.outcome for finding in findings)
    click.echo("\n" + ", ".join(f"{counts[outcome]} {words}" for outcome, words in _WORDS.items()) + ".")
