"""What the money on a bank statement was for: proposals, from plain values alone; nothing is written here.

The surest sign comes first: the payment reference in its own field, then the reference or the invoice number among the
payer's words, then amount and name. A proposal is sure only where the sign is and the amount is exactly what settles
the invoice, or a part of it that is due; all others are for the owner to confirm.
"""

from __future__ import annotations

from portal.matching.proposals import Matcher, Proposal, Verdict

__all__ = ["Matcher", "Proposal", "Verdict"]
