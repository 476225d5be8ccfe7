"""What people, banks, clocks and accidents do to a shop: the rules of the random histories."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from healing import heal
from others import Others, any_number, rarely, shares, yes_or_no
from shop_invoices import due_now
from simulation import Simulation, number, one_of, ran, rule

from portal.answers.answering import Said
from portal.answers.wishes import PaidWish, ProblemWish, PromiseWish
from portal.bookkeeping.wishes import PaidBy, RecordPayment
from portal.errors import GatewayError
from portal.receivables.answers import ProblemReason, SaidPaidBy
from portal.receivables.money import Money
from portal.receivables.plan_offers import PlanWay
from portal.sandbox.faults import Fault, Trouble

if TYPE_CHECKING:
    from random import Random

    from ledger_view import Fact

    from portal.answers.wishes import AnswerWish


HANDLED = ("checkout.", "payment_intent.succeeded", "payment_intent.payment_failed", "charge.", "refund.")
CALLS = ("", "POST", "GET", "POST /v1/checkout/sessions", "POST /v1/payment_intents", "GET /v1/checkout", "GET /v1/pay")
means = one_of("4242", "4242", "4242", "4242", "bank", "bank", "3155", "0002", "0341", "3184")
saved = one_of("4242", "4242", "0341", "3184")


def parts(random: Random) -> int | None:
    """All, a part, or what may be too much."""
    return random.choice([None, random.randint(30, 30_000), random.randint(1, 85_000)])


def troubles(random: Random) -> Fault:
    """One of the ways in which a call of the provider's goes wrong. A refusal never takes effect nor is remembered."""
    kind = random.choice([trouble for trouble in Trouble if trouble is not Trouble.HANG])
    refuses = kind in {Trouble.CONFLICT, Trouble.RATE_LIMIT}
    when = "before" if refuses else random.choice(["before", "after"])
    return Fault(kind, when, not refuses and random.random() < 0.5, random.choice(CALLS))  # type: ignore[arg-type]


class ShopHistory(Others):
    """One shop and all that can befall it; the auditor looks at the books after each step."""

    # ---- customers

    @rule(4, page=any_number, part=parts)
    def click(self, page: int, part: int | None) -> None:
        self.survive(lambda: self.ask(page, part))

    @rule(3, number=any_number, share=shares)
    def click_on_a_fresh_page(self, number: int, share: int) -> None:
        page = self.shop.reload(self.key(number))
        left = self.shop.balance(self.key(number)).amount_offerable.minor
        self.survive(lambda: self.ask(page, None if share == 1 else left // share))

    def ask(self, page: int, minor: int | None) -> None:
        """Press a button: all, or a part in the currency of the page."""
        key, _shown = self.shop.pages[page % len(self.shop.pages)]
        part = None if minor is None else Money(minor, self.shop.invoice(key).currency)
        before = len(self.shop.sent_to)
        self.shop.click(page, part)
        opened = len(self.shop.sent_to) > before
        ran["click all" if part is None else "click a part"] += opened

    @rule(12, number=any_number, share=shares, by=means)
    def click_and_pay(self, number: int, share: int, by: str) -> None:
        before = len(self.shop.sent_to)
        self.click_on_a_fresh_page(number, share)
        if len(self.shop.sent_to) > before:
            self.audit()  # what can be paid is looked at before it is
            self.pay(0, by, approves=True)

    @rule(8, lambda self: any(map(self.due_now, self.shop.keys)), number=any_number, by=means)
    def click_what_is_due_and_pay(self, number: int, by: str) -> None:
        """The button of an invoice in parts: what is overdue, or the coming part."""
        key, before = self.key(number), len(self.shop.sent_to)
        due = self.due_now(key)
        if due is None:
            return
        self.survive(lambda: self.shop.click(self.shop.reload(key), due))
        if len(self.shop.sent_to) > before:
            ran["click what is due"] += 1
            self.audit()  # what can be paid is looked at before it is
            self.pay(0, by, approves=True)

    def due_now(self, key: str) -> Money | None:
        """What the page of an invoice in parts asks for first."""
        return due_now(self.shop.invoice(key), self.shop.balance(key))

    @rule(4, lambda self: len(self.shop.keys) > 1, by=means)
    def click_and_pay_several(self, by: str) -> None:
        before = len(self.shop.sent_to)
        self.survive(self.shop.click_several)
        if len(self.shop.sent_to) > before:
            ran["click several"] += 1
            self.pay(0, by, approves=True)

    @rule(5, lambda self: self.shop.sent_to, back=any_number, by=means, approves=yes_or_no)
    def pay(self, back: int, by: str, approves: bool) -> None:  # noqa: FBT001  a drawn value
        before = self.moved()
        self.shop.pay(-1 - back, by, approves=approves)
        word = {"4242": "pay", "bank": "pay by bank debit", "0002": "decline", "3155": "approve"}.get(by, "save a card")
        ran[word] += self.moved() != before or by == "0002"

    @rule(3, lambda self: self.shop.sent_to, back=any_number)
    def come_back(self, back: int) -> None:
        self.survive(lambda: self.shop.come_back(-1 - back % 3))
        ran["come back"] += 1

    @rule(1, lambda self: not self.has_plan(), number=any_number, way=one_of(*PlanWay), later=rarely)
    def agree_a_plan(self, number: int, way: PlanWay, later: bool) -> None:  # noqa: FBT001  a drawn value
        before = len(self.shop.auditor.agreed)
        self.survive(lambda: self.shop.agree(self.key(number), way, later=later))
        ran[f"agree a plan {way}"] += len(self.shop.auditor.agreed) > before

    @rule(6, lambda self: not self.has_plan(), number=any_number, by=saved)
    def agree_a_plan_and_pay(self, number: int, by: str) -> None:
        before = len(self.shop.sent_to)
        self.agree_a_plan(number, PlanWay.AUTOMATIC, later=False)
        if len(self.shop.sent_to) > before:
            self.audit()  # what can be paid is looked at before it is
            self.pay(0, by, approves=True)
            self.come_back(0)

    @rule(
        8,
        lambda self: len(self.shop.keys) > 1 and not self.has_plan(),
        way=one_of(PlanWay.AUTOMATIC, *PlanWay),
        later=rarely,
        by=saved,
    )
    def agree_a_plan_over_several(self, way: PlanWay, later: bool, by: str) -> None:  # noqa: FBT001  a drawn value
        before = len(self.shop.sent_to)
        agreed: list[bool] = []
        self.survive(lambda: agreed.append(self.shop.agree_over_several(way, later=later)))
        ran["agree a plan over several invoices"] += any(agreed)
        if len(self.shop.sent_to) > before:
            self.audit()  # what can be paid is looked at before it is
            self.pay(0, by, approves=True)
            self.come_back(0)

    @rule(5, lambda self: self.has_plan())
    def a_week_goes_by_and_it_is_collected(self) -> None:
        self.shop.wait(timedelta(days=7))
        self.collect()

    @rule(3, lambda self: self.has_plan(), by=one_of(None, "4242", "0341", "3184"))
    def go_on_with_the_plan(self, by: str | None) -> None:
        before = len(self.shop.sent_to)
        self.survive(lambda: [self.shop.go_on(key) for key in self.shop.real_ledger.plans_in_force()])
        if len(self.shop.sent_to) > before:
            ran["go on with a plan"] += 1
            if by is not None:
                self.pay(0, by, approves=True)

    @rule(2, lambda self: self.has_plan(), really=rarely)
    def stop_the_plan(self, really: bool) -> None:  # noqa: FBT001  a drawn value
        if really:
            self.survive(lambda: [self.shop.stop(key) for key in self.shop.real_ledger.plans_in_force()])
            ran["stop a plan"] += 1

    def has_plan(self) -> bool:
        """Whether there is a plan in force."""
        return any(plan.life == "in force" for plan in self.shop.view.plans.values())

    @rule(3, number=any_number, share=shares, what=one_of("problem", "problem", "problem", "promise", "paid"))
    def say_something(self, number: int, share: int, what: str) -> None:
        key, today = self.key(number), self.shop.today()
        left = self.shop.balance(key).amount_remaining
        about = Money(left.minor // share, left.currency)
        wishes: dict[str, AnswerWish] = {
            "problem": ProblemWish(ProblemReason.WORK, "It wobbles.", about),
            "promise": PromiseWish(today + timedelta(days=5)),
            "paid": PaidWish(today, SaidPaidBy.TRANSFER, about),
        }
        said: list[object] = []
        self.survive(lambda: said.append(self.shop.answering.say(key, wishes[what])))
        ran[f"say: {what}"] += any(isinstance(one, Said) and one.is_new for one in said)

    @rule(2, lambda self: self.answers(), number=any_number, by_owner=yes_or_no)
    def an_answer_ends(self, number: int, by_owner: bool) -> None:  # noqa: FBT001  a drawn value
        fact = self.answers()[number % len(self.answers())]
        answering = self.shop.answering
        if by_owner:
            self.survive(lambda: answering.close(fact.invoice_key, fact.seq, "We shall see to it."))
        else:
            self.survive(lambda: answering.take_back(fact.invoice_key, fact.external_id))
        ran["answer closed" if by_owner else "answer taken back"] += 1

    def answers(self) -> list[Fact]:
        """What customers said, and nobody dealt with."""
        ended = {fact.external_id for fact in self.shop.view.facts if fact.kind.startswith("answer ")}
        said = {"problem reported", "promised", "said paid"}
        return [fact for fact in self.shop.view.facts if fact.kind in said and fact.external_id not in ended]

    # ---- machines, clocks and accidents

    @rule(7, lambda self: self.shop.books.events(), back=any_number, times=number(1, 3))
    def a_webhook_comes(self, back: int, times: int) -> None:
        events = [one for one in self.shop.books.events() if one["type"].startswith(HANDLED)]
        for _ in range(times if events else 0):
            event = events[-1 - back % len(events)]
            ran["webhook again" if event["id"] in self.shop.brought else "webhook"] += 1
            self.survive(partial(self.shop.deliver, event))

    @rule(5, lambda self: self.has_plan())
    def collect(self) -> None:
        self.survive(self.shop.collect)
        before = len(self.shop.view.tries)
        self.shop.auditor.audit()
        ran["collect"] += len(self.shop.view.tries) > before
        ran.update(f"charge {one.state}" for one in self.shop.view.tries[before:])

    @rule(2, anew=yes_or_no)
    def sync(self, anew: bool) -> None:  # noqa: FBT001  a drawn value
        self.survive(lambda: self.shop.sync(anew=anew))
        ran["sync from the beginning" if anew else "sync"] += 1

    @rule(5, span=one_of(1, 31, 61, 60 * 25, 1440 * 7, 1440 * 7, 1440 * 9, 1440 * 28))
    def time_passes(self, span: int) -> None:
        self.shop.wait(timedelta(minutes=span))
        ran["minutes pass" if span < 1440 else "days pass"] += 1

    @rule(3, fault=troubles, times=one_of(1, 1, 2, 9))
    def stripe_is_in_trouble(self, fault: Fault, times: int) -> None:
        self.shop.sandbox.faults.clear()
        self.shop.sandbox.faults.next_calls(fault, times)
        ran[f"trouble {fault.when} the effect"] += 1

    @rule(3, writes=number(0, 9))
    def the_next_process_dies(self, writes: int) -> None:
        self.shop.fate.left = writes

    @rule(4, steps=number(0, 9), who=one_of("pays", "clicks", "collects", "syncs", "webhook", "records"))
    def somebody_will_come_between(self, steps: int, who: str) -> None:
        self.shop.fate.overtake(steps, partial(self.come_between, who))

    def come_between(self, who: str) -> None:
        """What another process or person does in the middle of the next step."""
        ran[f"between: {who}"] += 1
        with suppress(GatewayError):
            match who:
                case "pays" if self.shop.sent_to:
                    self.shop.pay(-1, "4242")
                case "clicks":
                    self.shop.click(self.shop.reload(self.key(0)), None)
                case "collects":
                    self.shop.collect()
                case "syncs":
                    self.shop.sync(anew=True)
                case "webhook" if self.shop.books.events():
                    self.shop.deliver(self.shop.books.events()[-1])
                case "records":
                    key = self.key(0)
                    amount = self.shop.balance(key).amount_offerable
                    if amount:
                        wish = RecordPayment(amount, self.shop.today(), PaidBy.CASH, "between")
                        self.shop.enter(key, wish, "payment", amount.minor, forced=False)

    # ---- the ends

    def audit(self) -> None:
        """What must hold after every step."""
        self.shop.auditor.audit()

    def heal(self) -> None:
        """What must hold in the end."""
        heal(self.shop)

    def close(self) -> None:
        """Leave nothing behind."""
        self.shop.close()


SIMULATION = Simulation(ShopHistory, ShopHistory)
