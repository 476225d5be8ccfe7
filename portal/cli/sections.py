"""The commands as `portal --help` lists them: by what an owner wants to do, not by the alphabet."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Iterator

_A_SENTENCE = 200
_STOPPED = 130
"""What a shell says of a command that Ctrl-C ended."""
SECTIONS = {
    "Begin": {
        "init": "Write the first files of a new portal into FOLDER, by default this one.",
        "doctor": "Examine settings, keys, webhook, mail, ledger and pages; say what is wrong and what to do.",
        "headers": "Print what a host has to be told so that it sends the pages with their headers.",
        "play": "Let happen in the sandbox what the file STORY tells, once: customers pay, banks take back.",
    },
    "Invoices become pages": {
        "read": "Show how a file of invoices is understood.",
        "build": "Read the invoices and freeze the pages that changed; then say what changed.",
        "watch": "Build at once, then again whenever your files change, until Ctrl-C.",
        "publish": "Copy the pages to the object store of [publish], as far as they differ there.",
        "links": "The private links of invoices and statements: list, send, replace and end them.",
        "serve": "Serve the pages and take payments; without a Stripe key the sandbox stands in for Stripe.",
        "work": "Freeze the pages that payments made stale, and send the mails that are due, until it is stopped.",
    },
    "See where you stand": {
        "list": "List all invoices and what is left to pay on each.",
        "show": "Show what is left to pay on one invoice, and why.",
        "report": "Show what is owed by how late it is, what is expected when, and what waits for you; write "
        "it as a page, too.",
        "explain": "Tell the whole story of an invoice: what was said, paid, sent and held, why, and what comes next.",
        "case": "Write everything about one invoice into one dated file: terms, messages, promises, payments, fees.",
    },
    "Customers": {
        "remind": "Send the reminders that are due, one mail to each customer, and say who is held back and why.",
        "pause": "Keep the reminders of an invoice back until a day, or no longer.",
        "inbox": "List what customers have said besides paying, and who asks for a link: what waits for you first.",
        "answer": "Say that you have dealt with what a customer said; ANSWER is its number in `portal inbox`.",
        "mail": "List the mails: sent, waiting, and those that need your word.",
    },
    "Money through Stripe": {
        "sync": "Bring in everything Stripe knows of payments, refunds, disputes and checkouts.",
        "reconcile": "Compare the ledger with Stripe to the cent and name every difference; changes nothing.",
        "alarms": "List what waits for you: money set aside, overpaid invoices, disputes, words of Stripe's "
        "that are not known.",
        "plans": "List the payment plans in force and where they stand.",
        "plan": "Show the payment plan of one invoice with what was agreed, or stop it, on all invoices "
        "that it is about.",
        "collect": "Charge the saved cards for installments that fell due; safe to run any number of times a day.",
    },
    "Money that came otherwise, and what you give up": {
        "match": "Find out which invoices the money on bank statements was for.",
        "record": "Record money that arrived without Stripe.",
        "credit": "Give up a part of the claim, as a credit note does.",
        "apply": "Set a credit of a customer off against an open invoice of theirs: AMOUNT of it, or as "
        "much as there is.",
        "write-off": "Stop expecting what is left on an invoice.",
        "waive-fee": "Give up late fees: AMOUNT of them, or all there are today.",
        "void": "Cancel an invoice: nothing is due on it any more.",
        "correct": "Undo an entry of your own that was wrong; ENTRY is its number in `portal show`.",
    },
    "Keep, and let go": {
        "backup": "Copy the ledger into one file, also while the portal runs.",
        "restore": "Put a backup in the place of the ledger.",
        "privacy": "What is held on customers: telling, handing out, erasing.",
    },
}
"""A heading and the commands below it, in this order, each with the first sentence of its own help.

The sentence stands here once more, for otherwise a list of commands would have to import all that they work with.
"""


class PlainGroup(click.Group):
    """Commands with the first sentence of their help, which is never cut."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write a line or more for each command."""
        with formatter.section("Commands"):
            formatter.write_dl(
                [(name, self.commands[name].get_short_help_str(_A_SENTENCE)) for name in self.list_commands(ctx)]
            )


class SectionedGroup(click.Group):
    """Commands under headings, whose errors fit the terminal like all that commands say."""

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:  # noqa: ANN401  passed on
        """What is understood of the words of a call."""
        with _told_well():
            return super().make_context(*args, **kwargs)

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401  whatever a command gives back
        """Run the command that was called."""
        with _told_well():
            return super().invoke(ctx)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write each section with a line for each of its commands."""
        longest = max(map(len, self.list_commands(ctx)))
        for heading, commands in SECTIONS.items():
            with formatter.section(heading):
                # As wide as the widest of all, so that the descriptions of all sections stand in one column.
                formatter.write_dl([(name.ljust(longest), sentence) for name, sentence in commands.items()])


@contextmanager
def _told_well() -> Iterator[None]:
    """What is wrong with the words of a call is told like all else, and Ctrl-C in the middle is no error."""
    try:
        yield
    except click.exceptions.NoArgsIsHelpError:
        raise
    except click.UsageError as error:
        from portal.cli.wrong_calls import told_at_once  # noqa: PLC0415  a list of commands imports none of it

        raise told_at_once(error) from error
    except KeyboardInterrupt:
        click.echo("\nStopped. What was written until now is whole.", err=True)
        sys.exit(_STOPPED)
