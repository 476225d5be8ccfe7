"""Each check by itself: what it calls wrong, and that it leaves alone what is right."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from portal.adapters.stripe.health import Endpoint
from portal.adapters.stripe.own_address import Answered
from portal.config import load_settings
from portal.doctor.address_checks import look_at_address
from portal.doctor.findings import Outcome
from portal.doctor.ledger_checks import stuck_words, wrong_facts
from portal.doctor.mail_checks import look_at_mail
from portal.doctor.page_checks import look_for_secrets, strays_in
from portal.doctor.publish_checks import look_at_output, look_at_store
from portal.doctor.reminder_checks import look_at_ladder, look_at_waiting, look_at_way
from portal.doctor.setting_checks import (
    look_at_addresses,
    look_at_host,
    look_at_keys,
    look_at_private_files,
    look_at_proxies,
)
from portal.doctor.stripe_checks import clock_finding, endpoint_findings, look_at_webhook
from portal.errors import PortalError, Problem
from portal.hosting.headers import security_headers
from portal.ports.checkouts import Hold, HoldState
from portal.ports.provider_reports import HANDLED_EVENTS
from portal.receivables.allocation import Allocation
from portal.receivables.dunning import Outcome as DunningOutcome
from portal.receivables.dunning import Verdict
from portal.receivables.entries import Entry, EntryKind
from portal.receivables.invoice import Customer
from portal.receivables.ladder import Ladder, Step, Tone
from portal.receivables.money import Money
from portal.settings.mail import MailSettings
from portal.settings.reminders import ReminderSettings
from portal.theming.theme import theme_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from portal.config import Settings
    from portal.doctor.findings import Finding
    from portal.receivables.invoice import Invoice

DAY = date(2026, 11, 21)
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
URL = "https://pay.example.com/webhooks/stripe"
SOUND = Endpoint(URL, HANDLED_EVENTS, is_enabled=True, api_version="v1")


def outcomes(findings: Iterable[Finding]) -> list[Outcome]:
    listed = list(findings)
    assert all(finding.remedy for finding in listed if finding.outcome in {Outcome.PROBLEM, Outcome.WARNING})
    return [finding.outcome for finding in listed]


@pytest.fixture
def settings(tmp_path: Path) -> Callable[..., Settings]:
    def make(toml: str = "", **environment: str) -> Settings:
        (tmp_path / "portal.toml").write_text(f'[business]\nname = "Sample"\n{toml}', encoding="utf-8")
        return load_settings(tmp_path, environment)

    return make


# ---- settings


def test_addresses(settings: Callable[..., Settings]) -> None:
    live = {"PORTAL_STRIPE_KEY": "rk_live_x"}
    assert outcomes(look_at_addresses(settings())) == [Outcome.WARNING]
    assert outcomes(look_at_addresses(settings(**live))) == [Outcome.PROBLEM]
    sound = '[portal]\nbase_url = "https://pay.example.com"\n'
    assert outcomes(look_at_addresses(settings(sound))) == [Outcome.OK]
    apart = f'{sound}live_url = "http://127.0.0.1:8000"\n'
    assert outcomes(look_at_addresses(settings(apart, **live))) == [Outcome.OK, Outcome.PROBLEM]
    assert outcomes(look_at_addresses(settings(f'{apart}[payments]\ncheckout = "links"\n'))) == [Outcome.OK]


def test_behind_a_web_server_senders_are_told_apart(settings: Callable[..., Settings]) -> None:
    public = '[portal]\nbase_url = "https://pay.example.com"\n'
    assert outcomes(look_at_proxies(settings(public))) == [Outcome.WARNING]
    assert outcomes(look_at_proxies(settings(f"{public}proxies = 1\n"))) == [Outcome.OK]
    assert outcomes(look_at_proxies(settings(f'{public}[payments]\ncheckout = "links"\n'))) == []
    assert outcomes(look_at_proxies(settings())) == []


def test_pages_in_a_public_repository_have_to_be_encrypted(settings: Callable[..., Settings]) -> None:
    public = '[portal]\nbase_url = "https://me.github.io"\n'
    assert outcomes(look_at_host(settings(public))) == [Outcome.PROBLEM]
    assert outcomes(look_at_host(settings(f"{public}[links]\nencrypted = true\n"))) == [Outcome.OK]
    assert outcomes(look_at_host(settings())) == [Outcome.OK]


@pytest.mark.parametrize(
    ("key", "secret", "expected"),
    [
        ("", "", [Outcome.WARNING]),
        ("rk_live_x", "whsec_x", [Outcome.OK, Outcome.OK]),
        ("sk_live_x", "whsec_x", [Outcome.OK, Outcome.WARNING, Outcome.OK]),
        ("rk_test_x", "whsec_x", [Outcome.OK, Outcome.WARNING, Outcome.OK]),
        ("rk_live_x", "", [Outcome.OK, Outcome.PROBLEM]),
        ("rk_live_x", "rk_live_x", [Outcome.OK, Outcome.PROBLEM]),
    ],
)
def test_keys(settings: Callable[..., Settings], key: str, secret: str, expected: list[Outcome]) -> None:
    made = settings(PORTAL_STRIPE_KEY=key, PORTAL_STRIPE_WEBHOOK_SECRET=secret)
    found = list(look_at_keys(made))
    assert outcomes(found) == expected
    assert not any("_x" in f"{one.what}{one.remedy}" for one in found), "no secret is shown"


def test_without_a_key_a_public_address_is_not_served(settings: Callable[..., Settings]) -> None:
    public = '[portal]\nbase_url = "https://pay.example.com"\n'
    assert outcomes(look_at_keys(settings(public))) == [Outcome.PROBLEM]
    assert outcomes(look_at_keys(settings(f'{public}live_url = "http://127.0.0.1:8000"\n'))) == [Outcome.WARNING]


def test_a_state_folder_that_others_can_open(tmp_path: Path) -> None:
    state = tmp_path / "var"
    assert outcomes(look_at_private_files(state)) == [Outcome.SKIPPED]
    state.mkdir(mode=0o700)
    (state / "links.csv").touch(mode=0o644)
    assert outcomes(look_at_private_files(state)) == [Outcome.OK], "nobody gets to the file"
    state.chmod(0o755)
    (found,) = look_at_private_files(state)
    assert (found.outcome, found.remedy) == (Outcome.WARNING, f"chmod 700 {state}")
    assert "links.csv" in found.what


# ---- the ledger


def test_facts_that_cannot_be(make_invoice: Callable[..., Invoice], make_entry: Callable[..., Entry]) -> None:
    invoice = make_invoice()
    paid = replace(make_entry(100), seq=1)
    undone = Entry(EntryKind.REVERSAL, "1042", paid.amount, NOW, "undo", seq=2, reverses=1)
    assert list(wrong_facts(invoice, (paid, undone), DAY)) == []
    twice = replace(undone, seq=3, external_id="again")
    nowhere = replace(undone, seq=4, external_id="nowhere", reverses=99)
    euros = replace(make_entry(100, "EUR", external_id="pi_2"), seq=5)
    same = replace(paid, seq=6)
    told = list(wrong_facts(invoice, (paid, undone, twice, nowhere, euros, same), DAY))
    assert [words for words in ("reversed 2 times", "does not have", "EUR", "2 times") if words in " ".join(told)] == [
        "reversed 2 times",
        "does not have",
        "EUR",
        "2 times",
    ]
    assert len(list(wrong_facts(None, (paid, undone, twice), DAY))) == 1, "also where the invoice is not known"


@pytest.mark.parametrize(
    ("state", "hours", "is_stuck"),
    [
        (HoldState.CREATING, 0.05, False),
        (HoldState.CREATING, 1, True),
        (HoldState.UNKNOWN, 1, True),
        (HoldState.OPEN, 1.5, False),
        (HoldState.OPEN, 2.5, True),
        (HoldState.PROCESSING, 24 * 13, False),
        (HoldState.PROCESSING, 24 * 15, True),
        (HoldState.RELEASED, 24 * 90, False),
    ],
)
def test_reservations_that_should_have_ended(state: HoldState, hours: float, *, is_stuck: bool) -> None:
    begun = NOW - timedelta(hours=hours)
    hold = Hold("hold_1", (Allocation("1042", Money(100, "GBP")),), state, begun, begun + timedelta(hours=1))
    assert (stuck_words(hold, NOW) is not None) is is_stuck


# ---- the pages


def test_secrets_in_public_files(tmp_path: Path) -> None:
    output = tmp_path / "build"
    (output / "i").mkdir(parents=True)
    (output / "index.html").write_text("<p>Hello</p>")
    secrets = {"The Stripe key": b"rk_live_abc"}
    assert outcomes(look_for_secrets(output, secrets)) == [Outcome.OK]
    (output / "i" / "index.html").write_text("<p>rk_live_abc</p>")
    (found,) = look_for_secrets(output, secrets)
    assert found.outcome is Outcome.PROBLEM
    assert "rk_live" not in f"{found.what}{found.remedy}"


def test_files_that_no_build_made(tmp_path: Path) -> None:
    (tmp_path / "i").mkdir()
    for name in ("index.html", ".portal", "i/.index.html.portal", "backup.tar"):
        (tmp_path / name).touch()
    assert strays_in(tmp_path, {"index.html": None}) == ["backup.tar"]
    for name in ("index.html.gz", "index.html.br", "other.html.gz"):
        (tmp_path / name).touch()
    assert strays_in(tmp_path, {"index.html": None}) == ["backup.tar", "other.html.gz"]


# ---- Stripe


@pytest.mark.parametrize(
    ("seconds", "outcome"),
    [(0, Outcome.OK), (29, Outcome.OK), (-31, Outcome.WARNING), (200, Outcome.WARNING), (-301, Outcome.PROBLEM)],
)
def test_the_clock(seconds: int, outcome: Outcome) -> None:
    assert outcomes([clock_finding(timedelta(seconds=seconds))]) == [outcome]


@pytest.mark.parametrize(
    ("endpoints", "expected"),
    [
        ([SOUND], [Outcome.OK]),
        ([replace(SOUND, events=frozenset({"*"}))], [Outcome.OK]),
        ([], [Outcome.PROBLEM]),
        ([replace(SOUND, is_enabled=False)], [Outcome.PROBLEM]),
        ([SOUND, SOUND], [Outcome.WARNING]),
        ([replace(SOUND, events=HANDLED_EVENTS - {"refund.failed"})], [Outcome.WARNING]),
        ([replace(SOUND, api_version="v0")], [Outcome.WARNING]),
    ],
)
def test_the_endpoint_at_stripe(endpoints: list[Endpoint], expected: list[Outcome]) -> None:
    assert outcomes(endpoint_findings(endpoints, URL, "v1")) == expected


@pytest.mark.parametrize(
    ("unsigned", "signed", "outcome"),
    [
        (Answered(400), Answered(204), Outcome.OK),
        (Answered(None, "refused"), Answered(204), Outcome.PROBLEM),
        (Answered(200), Answered(200), Outcome.PROBLEM),
        (Answered(404), Answered(404), Outcome.PROBLEM),
        (Answered(400), Answered(400), Outcome.PROBLEM),
        (Answered(400), Answered(None, "timed out"), Outcome.PROBLEM),
    ],
)
def test_the_webhook_here(unsigned: Answered, signed: Answered, outcome: Outcome) -> None:
    found = list(look_at_webhook(lambda secret: signed if secret else unsigned, URL, "whsec_hush"))
    assert outcomes(found) == [outcome]
    assert "hush" not in str(found)


# ---- mail


def test_mail() -> None:
    settings = MailSettings.model_validate({"from": "a@example.com", "host": "mail.example.com", "user": "a"})
    assert outcomes(look_at_mail(None, lambda: None, "var/mail")) == [Outcome.SKIPPED]
    without = MailSettings.model_validate({"from": "a@example.com"})
    assert outcomes(look_at_mail(without, lambda: None, "var/mail")) == [Outcome.WARNING]
    assert outcomes(look_at_mail(settings, lambda: None, "var/mail")) == [Outcome.OK]
    assert outcomes(look_at_mail(settings, lambda: "535 no", "var/mail")) == [Outcome.PROBLEM]


# ---- the pages' address


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, [Outcome.OK]),
        ({"page": Answered(None, "refused")}, [Outcome.PROBLEM]),
        ({"page": Answered(404)}, [Outcome.WARNING]),
        ({"body": b"an older one"}, [Outcome.WARNING]),
        ({"without": "referrer-policy"}, [Outcome.WARNING]),
        ({"other": "content-security-policy"}, [Outcome.WARNING]),
        ({"nowhere": Answered(200)}, [Outcome.OK, Outcome.WARNING]),
    ],
)
def test_the_address_of_the_pages(
    settings: Callable[..., Settings], tmp_path: Path, change: dict[str, object], expected: list[Outcome]
) -> None:
    made = settings('[portal]\nbase_url = "https://pay.example.com"\n', PORTAL_STRIPE_KEY="rk_live_x")
    (tmp_path / "404.html").write_bytes(b"not here")
    headers = {name.lower(): value for name, value in security_headers(made, theme_of(made).css_hashes).items()}
    headers.pop(str(change.get("without")), None)
    if "other" in change:
        headers[str(change["other"])] = "something else"
    body = change.get("body", b"not here")
    assert isinstance(body, bytes)
    page, nowhere = change.get("page", Answered(200, None, headers, body)), change.get("nowhere", Answered(404))
    asked: list[str] = []

    def fetch(url: str) -> Answered:
        asked.append(url)
        answer = page if url.endswith("/404.html") else nowhere
        assert isinstance(answer, Answered)
        return answer

    assert outcomes(look_at_address(made, tmp_path, fetch)) == expected
    assert all(url.startswith("https://pay.example.com/") for url in asked)


# ---- publishing


def test_the_output_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert outcomes(look_at_output(tmp_path / "not" / "yet")) == [Outcome.OK]
    (tmp_path / "file").touch()
    assert outcomes(look_at_output(tmp_path / "file" / "build")) == [Outcome.PROBLEM]
    assert list(tmp_path.iterdir()) == [tmp_path / "file"], "nothing is left of the try"
    monkeypatch.setattr("shutil.disk_usage", lambda _path: SimpleNamespace(free=1024**2))
    assert outcomes(look_at_output(tmp_path)) == [Outcome.WARNING]
    monkeypatch.setattr("tempfile.TemporaryFile", refuse_to_write)
    (found,) = look_at_output(tmp_path)
    assert (found.outcome, "Read-only file system" in found.what) == (Outcome.PROBLEM, True)


def refuse_to_write(**_words: object) -> None:
    """Root may write everywhere, so that no folder of a test can refuse it."""
    raise OSError(30, "Read-only file system")


def test_the_object_store() -> None:
    def fine() -> None:
        return None

    def refuse() -> None:
        raise PortalError(Problem("No.", "Do this."))

    assert outcomes(look_at_store(None, fine, fine, fine, lambda: 1)) == [Outcome.SKIPPED]
    assert outcomes(look_at_store("s3://pages", fine, fine, refuse, lambda: 0)) == [Outcome.OK]
    for ask, write in ((refuse, fine), (fine, refuse)):
        (found,) = look_at_store("s3://pages", ask, write, refuse, lambda: 1)
        assert (found.outcome, found.remedy) == (Outcome.PROBLEM, "Do this.")
    assert outcomes(look_at_store("s3://pages", fine, fine, fine, lambda: 0)) == [Outcome.OK, Outcome.PROBLEM]
    assert outcomes(look_at_store("s3://pages", fine, fine, refuse, lambda: 3)) == [Outcome.OK, Outcome.WARNING]


# ---- reminders


def ladder_of(*steps: tuple[str, int, Tone]) -> Ladder:
    return Ladder(tuple(Step(*step) for step in steps))


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([("before", -7, Tone.FRIENDLY), ("after", 7, Tone.FRIENDLY)], []),
        ([("one", 7, Tone.FRIENDLY), ("two", 8, Tone.FRIENDLY), ("three", 9, Tone.FRIENDLY)], ["two, 8 days after"]),
        ([(f"s{day}", day, Tone.FRIENDLY) for day in (7, 14, 21, 28, 35)], ["s35, 35 days after"]),
        ([("firm", 7, Tone.FORMAL), ("nice", 14, Tone.FRIENDLY)], ["nice, 14 days after due, has a friendly tone"]),
        ([("early", -30, Tone.FRIENDLY)], ["early, 30 days before due, fits none"]),
    ],
)
def test_the_ladder(
    make_invoice: Callable[..., Invoice], steps: list[tuple[str, int, Tone]], expected: list[str]
) -> None:
    invoice = make_invoice(issued_on=date(2026, 10, 1), due_on=date(2026, 10, 31))
    found = list(look_at_ladder(ReminderSettings(), ladder_of(*steps), [invoice]))
    assert outcomes(found) == ([Outcome.WARNING] if expected else [Outcome.OK])
    assert all(words in found[0].what for words in expected)


def test_a_ladder_without_a_step() -> None:
    assert outcomes(look_at_ladder(ReminderSettings(), Ladder(()), [])) == [Outcome.PROBLEM]


def test_the_way_of_reminders(settings: Callable[..., Settings], make_invoice: Callable[..., Invoice]) -> None:
    live = {"PORTAL_STRIPE_KEY": "rk_live_x"}
    mail = '[mail]\nfrom = "a@example.com"\n'
    nobody = Customer("Sample", email=None)
    assert outcomes(look_at_way(settings(mail), "var/mail", [])) == [Outcome.WARNING]
    assert outcomes(look_at_way(settings(mail, **live), "var/mail", [])) == [Outcome.PROBLEM]
    server = settings(f'{mail}host = "mail.example.com"\n', **live)
    assert outcomes(look_at_way(server, "var/mail", [])) == [Outcome.OK]
    unknown = [make_invoice(number=str(number), customer=nobody) for number in range(1, 5)]
    _way, found = look_at_way(server, "var/mail", unknown)
    assert found.what == "Nobody can be reminded of 1, 2, 3 and 1 more: 4 invoices without an e-mail address."


def test_reminders_that_nothing_sends() -> None:
    def waiting(*days: int) -> list[Any]:
        return [
            SimpleNamespace(
                facts={"k": SimpleNamespace(invoice=SimpleNamespace(number="1042"))},
                decision=SimpleNamespace(outcomes=[DunningOutcome("k", Verdict.SEND, on=DAY - timedelta(ago))]),
            )
            for ago in days
        ]

    assert outcomes(look_at_waiting(list, DAY)) == [Outcome.OK]
    assert outcomes(look_at_waiting(lambda: waiting(4, 0), DAY)) == [Outcome.OK]
    (found,) = look_at_waiting(lambda: waiting(0, 5), DAY)
    assert (found.outcome, "fell due on 2026-11-16" in found.what) == (Outcome.WARNING, True)
