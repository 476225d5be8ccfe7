"""The commands as `portal --help` lists them: by what an owner wants to do, not by the alphabet."""

from __future__ import annotations

import click

SECTIONS = {
    "Begin": "init doctor headers play",
    "Invoices become pages": "read build watch publish links serve work",
    "See where you stand": "list show report explain case",
    "Customers": "remind pause inbox answer mail",
    "Money through Stripe": "sync reconcile alarms plans plan collect",
    "Money that came otherwise, and what you give up": "match record credit apply write-off waive-fee void correct",
    "Keep, and let go": "backup restore privacy",
}
"""A heading and the commands below it, in this order."""


_SENTENCE = 160
"""Characters of a description that are shown: a sentence, over two lines where it needs them."""


class SectionedGroup(click.Group):
    """Commands under headings."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write each section with a line for each of its commands."""
        longest = max(map(len, self.list_commands(ctx)))
        for heading, names in SECTIONS.items():
            rows = []
            for name in names.split():
                command = self.get_command(ctx, name)
                if command is not None:
                    # As wide as the widest of all, so that the descriptions of all sections stand in one column.
                    rows.append((name.ljust(longest), command.get_short_help_str(_SENTENCE)))
            with formatter.section(heading):
                formatter.write_dl(rows)
