"""The records that let mails of a domain arrive: SPF (RFC 7208), DKIM (RFC 6376) and DMARC (RFC 7489)."""

from __future__ import annotations

import re
from textwrap import shorten
from typing import TYPE_CHECKING

from portal.doctor.findings import Look

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from portal.adapters.domain_records import Texts
    from portal.doctor.findings import Finding

    LookUp = Callable[[str], Texts | None]

_RECORDS = Look("mail records")
_WHERE = "Set it where your domain is managed"
_SHOWN = 120
_LETS_EVERYBODY = re.compile(r"(?:^|\s)[+?]?all(?:\s|$)", re.IGNORECASE)
_LEFT_TO_NOBODY = re.compile(r"(?:^|\s)(?:[~-]all|redirect=)", re.IGNORECASE)
_LABELS = 2
"""A domain of one's own has as many at least."""


def look_at_records(domain: str, texts_at: LookUp) -> Iterator[Finding]:
    """What the DNS says of a domain that mails come from.

    Args:
        domain: in ASCII, as it is written in the DNS.
        texts_at: the texts at a name; None where they could not be looked up.
    """
    at_domain = texts_at(domain)
    if at_domain is None:
        what = f"Whether {domain} has SPF, DKIM and DMARC records could not be looked up: no name server answered."
        yield _RECORDS.skipped(what, "Run it again where there is a network. " + "; ".join(_wanted(domain)))
        return
    if not at_domain.exists:
        what = f"The name servers asked from here know no domain {domain}, so its mails land in junk."
        yield _RECORDS.warning(what, "Compare `from` under [mail] with your domain.")
        return
    yield _about_spf(domain, at_domain.texts)
    yield _about_dkim(domain, texts_at)
    yield _about_dmarc(domain, texts_at)


def _wanted(domain: str) -> tuple[str, str, str]:
    return (
        f'SPF: TXT at {domain}: "v=spf1 include:YOUR-MAIL-PROVIDER -all"',
        f"DKIM: the record that your mail provider gives you, below _domainkey.{domain}",
        f'DMARC: TXT at _dmarc.{domain}: "v=DMARC1; p=quarantine; rua=mailto:YOU@{domain}"',
    )


def _about_spf(domain: str, texts: Sequence[str]) -> Finding:
    found = _starting(texts, "v=spf1")
    wanted, _dkim, _dmarc = _wanted(domain)
    if not found:
        return _RECORDS.warning(f"{domain} has no SPF record, so mails land in junk.", f"{_WHERE}: {wanted}.")
    if len(found) > 1:
        what = f"{domain} has {len(found)} SPF records, and mail servers then take none of them."
        return _RECORDS.warning(what, "Make one of them, with all that the others name.")
    shown = _quoted(found[0])
    if _LETS_EVERYBODY.search(found[0]) or not _LEFT_TO_NOBODY.search(found[0]):
        what = f"The SPF record of {domain} does not say who may not send its mails: {shown}."
        return _RECORDS.warning(what, "Let it end with ~all, or with -all.")
    return _RECORDS.ok(f"SPF is there: {shown}. Your mail server has to be among those that it names.")


def _about_dkim(domain: str, texts_at: LookUp) -> Finding:
    """A key stands at a name that only the mail provider knows; but whether there is any name can be seen."""
    below = texts_at(f"_domainkey.{domain}")
    _spf, wanted, _dmarc = _wanted(domain)
    if below is None:
        return _RECORDS.skipped("Whether there is a DKIM record could not be looked up.", "Run it again.")
    if not below.exists:
        return _RECORDS.warning(f"No DKIM record seems to stand below _domainkey.{domain}.", f"{_WHERE}: {wanted}.")
    what = "DKIM records seem to be there. Whether mails are signed shows in the head of one that arrived."
    return _RECORDS.ok(what)


def _about_dmarc(domain: str, texts_at: LookUp) -> Finding:
    """Its own record, else that of the nearest domain above which has one."""
    labels = domain.split(".")
    _spf, _dkim, wanted = _wanted(domain)
    for place in range(len(labels) - _LABELS + 1):
        name = f"_dmarc.{'.'.join(labels[place:])}"
        at_name = texts_at(name)
        if at_name is None:
            return _RECORDS.skipped("Whether there is a DMARC record could not be looked up.", "Run it again.")
        if found := _starting(at_name.texts, "v=DMARC1"):
            return _RECORDS.ok(f"DMARC is there, at {name}: {_quoted(found[0])}.")
    what = f"{domain} has no DMARC record; some providers refuse mails without one."
    return _RECORDS.warning(what, f"{_WHERE}: {wanted}.")


def _starting(texts: Sequence[str], version: str) -> list[str]:
    """The records of a kind; the version is a word of its own, in whatever case."""
    pattern = re.compile(rf"{re.escape(version)}(?=[\s;]|$)", re.IGNORECASE)
    return [text for text in texts if pattern.match(text.strip())]


def _quoted(record: str) -> str:
    """A record as it may be shown: whoever manages the domain wrote it."""
    plain = "".join(letter if letter.isprintable() else "?" for letter in record)
    return f"“{shorten(plain, _SHOWN, placeholder=' ...')}”"
