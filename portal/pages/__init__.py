"""What each page says. Records of finished words, made by pure functions; templates only place them."""

from __future__ import annotations

from portal.pages.addresses import invoice_address, path_below_root, pay_address
from portal.pages.fixed import front_page, terms_page
from portal.pages.invoice import document_name, invoice_page
from portal.pages.live import (
    changed_page,
    check_page,
    money_uncertain,
    no_link_page,
    no_money_taken,
    part_page,
    problem_page,
    settled_page,
    thanks_page,
)
from portal.pages.models import ChangedPage, CheckPage, InvoicePage, MessagePage, PartPage, TextPage

__all__ = [
    "ChangedPage",
    "CheckPage",
    "InvoicePage",
    "MessagePage",
    "PartPage",
    "TextPage",
    "changed_page",
    "check_page",
    "document_name",
    "front_page",
    "invoice_address",
    "invoice_page",
    "money_uncertain",
    "no_link_page",
    "no_money_taken",
    "part_page",
    "path_below_root",
    "pay_address",
    "problem_page",
    "settled_page",
    "terms_page",
    "thanks_page",
]
