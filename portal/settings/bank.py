"""``[bank]`` or several ``[[bank]]`` of the owner's settings: the accounts that transfers go to."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, model_validator

from portal.receivables.invoice import BankAccount
from portal.settings.values import Bic, CountryCode, Iban, Line, RoutingNumber, written_like
from portal.transfers.accounts import Address, Payee


class Bank(BaseModel):
    """An account that transfers go to. The address is its holder's, in parts, as the Swiss QR-bill asks for it."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    account_name: Line | None = None
    iban: Iban | None = None
    bic: Bic | None = None
    sort_code: Annotated[str, written_like(r"\d{2}-\d{2}-\d{2}", "a sort code is written like 12-34-56")] | None = None
    routing_number: RoutingNumber | None = None
    account_number: Annotated[str, written_like(r"[0-9 ]{4,34}", "an account number is 4 to 34 digits")] | None = None
    bank_name: Line | None = None
    street: Line | None = None
    house_number: Line | None = None
    postcode: Line | None = None
    town: Line | None = None
    country: CountryCode | None = None

    @model_validator(mode="after")
    def _an_account_is_named(self) -> Self:
        if not (self.iban or self.account_number):
            raise ValueError("a bank account has an iban or an account_number")
        if (self.sort_code or self.routing_number) and not self.account_number:
            raise ValueError("a sort code or a routing number needs its account_number beside it")
        return self

    @model_validator(mode="after")
    def _an_address_is_whole(self) -> Self:
        parts = (self.postcode, self.town, self.country)
        if any((*parts, self.street, self.house_number)) and not all(parts):
            raise ValueError("an address has a postcode, a town and a country, at least")
        return self

    def payee(self, holder: str) -> Payee:
        """The account as pages show it, held by ``holder`` unless the owner names another."""
        account = BankAccount(
            account_name=self.account_name or holder,
            iban=self.iban,
            bic=self.bic,
            sort_code=self.sort_code,
            routing_number=self.routing_number,
            account_number=self.account_number,
            bank_name=self.bank_name,
        )
        if not (self.postcode and self.town and self.country):
            return Payee(account)
        address = Address(self.postcode, self.town, self.country, self.street or "", self.house_number or "")
        return Payee(account, address)
