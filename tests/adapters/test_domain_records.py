"""What a domain says of itself, asked of a name server on loopback; a silent one keeps nobody waiting."""

from __future__ import annotations

import time

import pytest
from dns_server import FAILING, SILENT, serving

from portal.adapters.domain_records import DomainRecords, Texts

LONG = "v=spf1 " + " ".join(f"include:_spf{number}.example.net" for number in range(12)) + " -all"
ZONE = {"example.com": [LONG, "other words"], "key._domainkey.example.com": ["v=DKIM1; p=abc"]}


def test_texts_are_whole_and_what_is_not_there_is_told_apart() -> None:
    with serving(ZONE) as port:
        asked = DomainRecords("127.0.0.1", port)
        found = asked.texts_at("example.com")
        assert found is not None
        assert sorted(found.texts) == ["other words", LONG]
        assert asked.texts_at("_domainkey.example.com") == Texts((), exists=True)
        assert asked.texts_at("_dmarc.example.com") == Texts((), exists=False)


@pytest.mark.parametrize("trouble", [SILENT, FAILING])
def test_nobody_knows(trouble: str) -> None:
    begun = time.monotonic()
    with serving(ZONE, trouble) as port:
        assert DomainRecords("127.0.0.1", port, seconds=0.5).texts_at("example.com") is None
    assert time.monotonic() - begun < 3


def test_a_name_that_cannot_be_and_a_machine_without_name_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    assert DomainRecords("127.0.0.1", 9).texts_at("a" * 64 + ".example") is None

    def unreadable(*_arguments: object, **_named: object) -> None:
        raise OSError("no resolv.conf")

    monkeypatch.setattr("dns.resolver.Resolver.__init__", unreadable)
    assert DomainRecords().texts_at("example.com") is None
