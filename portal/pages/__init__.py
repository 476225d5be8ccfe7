"""What each page says. Records of finished words, made by pure functions; templates only place them."""

from __future__ import annotations

from portal.pages.addresses import (
    door_address,
    invoice_address,
    link_request_address,
    path_below_root,
    pay_address,
)
from portal.pages.door_models import AnsweredPage, DoorPage, Typed
from portal.pages.door_pages import answered_page, door_page, helping_page, refusal_words
from portal.pages.doors import with_answers
from portal.pages.fixed import front_page, terms_page
from portal.pages.invoice import document_name, invoice_page
from portal.pages.joint_plans import joint_card_page, joint_changed_page, joint_stop_page
from portal.pages.live import (
    changed_page,
    check_page,
    money_uncertain,
    no_money_taken,
    part_page,
    problem_page,
    settled_page,
    thanks_page,
    wait_page,
)
from portal.pages.models import ChangedPage, CheckPage, InvoicePage, MessagePage, PartPage, TextPage
from portal.pages.newer import with_newer
from portal.pages.no_link import link_asked_page, no_link_page, replaced_page
from portal.pages.paid import has_receipt
from portal.pages.pay_only import PayOnlyPage, pay_only_page
from portal.pages.payment_links import payment_link_request, with_payment_link
from portal.pages.plan_models import PlanCheckPage, PlanChoicePage, PlanStepPage
from portal.pages.plan_pages import (
    agreed_mark,
    consent_text,
    plan_card_page,
    plan_check_page,
    plan_choice_page,
    plan_stop_page,
)
from portal.pages.plan_words import message_of
from portal.pages.plans import plans_on_offer, what_is_offered, with_plans
from portal.pages.privacy import privacy_page
from portal.pages.reading_models import PrivacyPage, ReceiptPage
from portal.pages.receipt import receipt_page
from portal.pages.sealed import sealed_page
from portal.pages.statement import statement_page
from portal.pages.statement_live import (
    StatementAtHand,
    statement_changed_page,
    statement_check_page,
    statement_refused_page,
)
from portal.pages.statement_models import StatementCheckPage, StatementChoicePage, StatementLinks, StatementPage
from portal.pages.statement_plans import (
    plans_over,
    statement_consent,
    statement_plan_check_page,
    statement_plan_choice_page,
)

__all__ = [
    "AnsweredPage",
    "ChangedPage",
    "CheckPage",
    "DoorPage",
    "InvoicePage",
    "MessagePage",
    "PartPage",
    "PayOnlyPage",
    "PlanCheckPage",
    "PlanChoicePage",
    "PlanStepPage",
    "PrivacyPage",
    "ReceiptPage",
    "StatementAtHand",
    "StatementCheckPage",
    "StatementChoicePage",
    "StatementLinks",
    "StatementPage",
    "TextPage",
    "Typed",
    "agreed_mark",
    "answered_page",
    "changed_page",
    "check_page",
    "consent_text",
    "document_name",
    "door_address",
    "door_page",
    "front_page",
    "has_receipt",
    "helping_page",
    "invoice_address",
    "invoice_page",
    "joint_card_page",
    "joint_changed_page",
    "joint_stop_page",
    "link_asked_page",
    "link_request_address",
    "message_of",
    "money_uncertain",
    "no_link_page",
    "no_money_taken",
    "part_page",
    "path_below_root",
    "pay_address",
    "pay_only_page",
    "payment_link_request",
    "plan_card_page",
    "plan_check_page",
    "plan_choice_page",
    "plan_stop_page",
    "plans_on_offer",
    "plans_over",
    "privacy_page",
    "problem_page",
    "receipt_page",
    "refusal_words",
    "replaced_page",
    "sealed_page",
    "settled_page",
    "statement_changed_page",
    "statement_check_page",
    "statement_consent",
    "statement_page",
    "statement_plan_check_page",
    "statement_plan_choice_page",
    "statement_refused_page",
    "terms_page",
    "thanks_page",
    "wait_page",
    "what_is_offered",
    "with_answers",
    "with_newer",
    "with_payment_link",
    "with_plans",
]
