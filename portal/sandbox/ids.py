"""Ids that look like Stripe's, so that whatever reads them is tried with the real lengths."""

from __future__ import annotations

import secrets
import string

ALPHABET = string.ascii_letters + string.digits
# What follows the prefix, and how many random characters after that.
SHAPES = {
    "cs_test_": ("a1", 58),
    "pi_": ("3", 23),
    "ch_": ("3", 23),
    "re_": ("3", 23),
    "txn_": ("3", 23),
    "evt_": ("1", 23),
    "pm_": ("1", 23),
    "price_": ("1", 23),
    "plink_": ("1", 23),
    "li_": ("1", 23),
    "in_": ("1", 23),
    "il_": ("1", 23),
    "du_": ("1", 23),
    "we_": ("1", 23),
    "cus_": ("", 14),
    "prod_": ("", 14),
    "req_": ("", 14),
}


def new_id(prefix: str) -> str:
    """Return a fresh id with this prefix, such as `pi_`."""
    lead, length = SHAPES[prefix]
    return prefix + lead + random_text(length)


def random_text(length: int) -> str:
    """Return that many random letters and digits."""
    return "".join(secrets.choice(ALPHABET) for _ in range(length))
