"""What is said of a domain's mail records: there, missing, of no use, or not to be looked up."""

from __future__ import annotations

import pytest
from dns_server import SILENT, serving

from portal.adapters.domain_records import DomainRecords
from portal.doctor.findings import Finding, Outcome
from portal.doctor.mail_record_checks import look_at_records

SPF, DMARC = "v=spf1 include:mail.example.net -all", "v=DMARC1; p=quarantine"
SOUND = {
    "example.com": ["something else", SPF],
    "key1._domainkey.example.com": ["v=DKIM1; p=abc"],
    "_dmarc.example.com": [DMARC],
}


def found(zone: dict[str, list[str]], domain: str = "example.com", trouble: str = "") -> list[Finding]:
    with serving(zone, trouble) as port:
        listed = list(look_at_records(domain, DomainRecords("127.0.0.1", port, seconds=0.5).texts_at))
    assert all(one.remedy for one in listed if one.outcome is not Outcome.OK)
    return listed


def test_all_three_are_there() -> None:
    spf, dkim, dmarc = found(SOUND)
    assert [one.outcome for one in (spf, dkim, dmarc)] == [Outcome.OK] * 3
    assert f"“{SPF}”" in spf.what
    assert f"“{DMARC}”" in dmarc.what


def test_a_domain_below_another_has_its_dmarc_record() -> None:
    mail = {"mail.example.com": [SPF], "k._domainkey.mail.example.com": ["v=DKIM1; p=abc"]}
    assert [one.outcome for one in found(SOUND | mail, "mail.example.com")] == [Outcome.OK] * 3


def test_each_that_is_missing_is_named_with_what_to_set() -> None:
    spf, dkim, dmarc = found({"example.com": ["something else", "v=spf10 no", "V=DMARC1"]})
    assert [one.outcome for one in (spf, dkim, dmarc)] == [Outcome.WARNING] * 3
    assert 'TXT at example.com: "v=spf1' in (spf.remedy or "")
    assert "below _domainkey.example.com" in (dkim.remedy or "")
    assert 'TXT at _dmarc.example.com: "v=DMARC1' in (dmarc.remedy or "")


@pytest.mark.parametrize(
    ("records", "outcome"),
    [
        (["v=spf1 mx ~all"], Outcome.OK),
        (["V=SPF1 redirect=_spf.example.net"], Outcome.OK),
        (["v=spf1 mx +all"], Outcome.WARNING),
        (["v=spf1 mx all"], Outcome.WARNING),
        (["v=spf1 mx ?all"], Outcome.WARNING),
        (["v=spf1 mx"], Outcome.WARNING),
        ([SPF, "v=spf1 mx -all"], Outcome.WARNING),
    ],
)
def test_spf_records_that_say_something_or_nothing(records: list[str], outcome: Outcome) -> None:
    assert found(SOUND | {"example.com": records})[0].outcome is outcome


def test_without_a_network_it_is_not_a_failure() -> None:
    (one,) = found(SOUND, trouble=SILENT)
    assert (one.outcome, "could not be looked up" in one.what) == (Outcome.SKIPPED, True)
    assert "_dmarc.example.com" in (one.remedy or "")


def test_a_domain_that_nobody_knows() -> None:
    (one,) = found({"example.org": [SPF]})
    assert (one.outcome, "know no domain example.com" in one.what) == (Outcome.WARNING, True)


def test_what_a_stranger_wrote_is_shown_as_text() -> None:
    (spf, *_others) = found(SOUND | {"example.com": ["v=spf1 \\027[31m -all" + " x" * 100]})
    assert spf.what.isprintable()
    assert "..." in spf.what
