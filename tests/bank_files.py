"""Bank statements for tests, written as banks write them: a line of a test is a movement on the account."""

from __future__ import annotations

from dataclasses import dataclass
from xml.sax.saxutils import escape


@dataclass(frozen=True, slots=True)
class Line:
    """One movement; ``parts`` make it a batch, ``sign`` -1 money that went out."""

    amount: str
    text: str = ""
    payer: str = "Sample Customer Ltd"
    reference: str = ""
    bank_reference: str = ""
    end_to_end: str = ""
    value_on: str = "2026-11-19"
    currency: str = "GBP"
    status: str = "BOOK"
    sign: int = 1
    reversal: bool = False
    parts: tuple[Line, ...] = ()
    count: int = 0


def camt053(*lines: Line, account: str = "GB33BUKB20201555555555") -> str:
    """A camt.053 message of version 8 with these entries."""
    entries = "".join(map(_entry, lines))
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08">
<BkToCstmrStmt><Stmt><Id>S1</Id><Acct><Id><IBAN>{account}</IBAN></Id></Acct>
{entries}</Stmt></BkToCstmrStmt></Document>
"""


def _entry(line: Line) -> str:
    details = "".join(map(_details, line.parts or ((line,) if not line.count else ())))
    batch = f"<Btch><NbOfTxs>{line.count}</NbOfTxs></Btch>" if line.count else ""
    reference = f"<AcctSvcrRef>{line.bank_reference}</AcctSvcrRef>" if line.bank_reference else ""
    return f"""<Ntry><Amt Ccy="{line.currency}">{line.amount}</Amt>
<CdtDbtInd>{"CRDT" if line.sign > 0 else "DBIT"}</CdtDbtInd><RvslInd>{str(line.reversal).lower()}</RvslInd>
<Sts><Cd>{line.status}</Cd></Sts><BookgDt><Dt>{line.value_on}</Dt></BookgDt><ValDt><Dt>{line.value_on}</Dt></ValDt>
{reference}<NtryDtls>{batch}{details}</NtryDtls></Ntry>
"""


def _details(line: Line) -> str:
    name = f"<Nm>{escape(line.payer)}</Nm>"
    party = "Dbtr" if line.sign > 0 else "Cdtr"
    structured = f"<Strd><CdtrRefInf><Ref>{line.reference}</Ref></CdtrRefInf></Strd>" if line.reference else ""
    text = f"<Ustrd>{escape(line.text)}</Ustrd>" if line.text else ""
    return f"""<TxDtls><Refs><EndToEndId>{line.end_to_end or "NOTPROVIDED"}</EndToEndId></Refs>
<Amt Ccy="{line.currency}">{line.amount}</Amt><CdtDbtInd>{"CRDT" if line.sign > 0 else "DBIT"}</CdtDbtInd>
<RltdPties><{party}><Pty>{name}</Pty></{party}></RltdPties><RmtInf>{text}{structured}</RmtInf></TxDtls>
"""
