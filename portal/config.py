"""The owner's settings: ``portal.toml`` and the environment, typed, every problem named at once."""

from __future__ import annotations

import os
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from portal.errors import ContentError, Problem, SettingsError
from portal.settings.bank import Bank
from portal.settings.business import Brand, Business
from portal.settings.doors import DoorsSettings
from portal.settings.file import SETTINGS_FILE, settings_text
from portal.settings.links import LinkSettings
from portal.settings.mail import MailSettings
from portal.settings.plans import PlanSettings
from portal.settings.privacy import PrivacySettings
from portal.settings.problems import problem_of
from portal.settings.publish import PublishSettings
from portal.settings.reminders import ReminderSettings
from portal.settings.terms import TermsSettings
from portal.settings.values import CurrencyCode, Language, Line, LocaleTag, PaypalMe, WebAddress, Zone
from portal.toml_text import line_of, parse_toml

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from portal.transfers.accounts import Payee


STRIPE_API = "https://api.stripe.com"
STRIPE_CHECKOUT = "https://checkout.stripe.com"

ENVIRONMENT: dict[str, tuple[str, str]] = {
    "PORTAL_BASE_URL": ("portal", "base_url"),
    "PORTAL_LIVE_URL": ("portal", "live_url"),
    "PORTAL_LINK_KEY": ("portal", "link_key"),
    "PORTAL_LEDGER_URL": ("ledger", "url"),
    "PORTAL_SMTP_PASSWORD": ("mail", "password"),
    "PORTAL_STRIPE_KEY": ("stripe", "api_key"),
    "PORTAL_STRIPE_WEBHOOK_SECRET": ("stripe", "webhook_secret"),
    "PORTAL_STRIPE_API_BASE": ("stripe", "api_base"),
    "PORTAL_STRIPE_CHECKOUT_BASE": ("stripe", "checkout_base"),
}
"""Environment variables that set or override a setting; secrets are taken from here alone."""

_SECRETS = {
    ("portal", "link_key"),
    ("ledger", "url"),
    ("mail", "password"),
    ("stripe", "api_key"),
    ("stripe", "webhook_secret"),
}


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class PortalSettings(_Section):
    """Where the portal lives and how it speaks.

    ``live_url`` is where the pay buttons post; it is ``base_url`` unless the pages sit on a host of their own.
    ``languages`` are those in which each page can be had besides its customer's own. ``proxies`` is how many
    proxies stand before the server and say truly where a request came from.
    """

    base_url: WebAddress = "http://127.0.0.1:8000"
    live_url: WebAddress | None = None
    locale: LocaleTag = "en-GB"
    languages: tuple[Language, ...] = ()
    timezone: Zone = "UTC"
    proxies: Annotated[int, Field(ge=0, le=5)] = 0
    link_key: SecretStr | None = None


class Limits(_Section):
    """How many forms one link and one network address may send in ten minutes."""

    per_link: Annotated[int, Field(ge=5, le=10_000)] = 40
    per_address: Annotated[int, Field(ge=10, le=100_000)] = 200


class Payments(_Section):
    """What customers may do beyond paying all that is left.

    ``checkout``: "live" has the pay buttons answered by ``portal serve``; "links" has the build make payment links,
    so that nothing but pages has to be served. ``references`` says what a transfer quotes where the invoice names
    nothing: ``portal.payees``.
    """

    part: bool = True
    checkout: Literal["live", "links"] = "live"
    references: Literal["automatic", "national", "number"] = "automatic"
    paypal_me: PaypalMe | None = None
    cheque_to: Line | None = None
    cheque_address: Line | None = None
    cheque_currency: CurrencyCode | None = None
    other: Annotated[str, Field(max_length=2000)] | None = None
    other_in: dict[Language, Annotated[str, Field(max_length=2000)]] = {}

    @property
    def by_links(self) -> bool:
        """Whether customers pay through links made at the build."""
        return self.checkout == "links"


class Sources(_Section):
    """What invoices are read besides files, and what files may leave out.

    ``stripe_invoices``: "shown" makes a page for each open invoice of Stripe's own, paid on Stripe's page for it;
    "paid_here" has the portal take payments for them.
    """

    currency: CurrencyCode | None = None
    stripe_invoices: Literal["none", "shown", "paid_here"] = "none"


class Ledger(_Section):
    """Where the ledger is; left out, in an SQLite file below the state. Its address may hold a password."""

    url: SecretStr | None = None

    @model_validator(mode="after")
    def _a_database_it_can_live_in(self) -> Self:
        if self.url and not self.url.get_secret_value().startswith(("sqlite:///", "postgresql://")):
            raise ValueError("the ledger's address starts with postgresql:// or sqlite:///")
        return self


class Stripe(_Section):
    """How Stripe is reached. Without a key, ``portal serve`` runs the sandbox in its place.

    ``livemode`` says which world the key must belong to; left out, the key itself says it.
    """

    api_key: SecretStr | None = None
    webhook_secret: SecretStr | None = None
    livemode: bool | None = None
    mark_installments: bool = False
    api_base: WebAddress = STRIPE_API
    checkout_base: WebAddress = STRIPE_CHECKOUT

    @property
    def is_live(self) -> bool:
        """Whether real money moves."""
        return self.livemode if self.livemode is not None else _key_world(self.api_key) == "live"

    @model_validator(mode="after")
    def _one_world(self) -> Self:
        world = _key_world(self.api_key)
        if world == "unknown":
            raise ValueError("a Stripe key starts with sk_live_, rk_live_, sk_test_ or rk_test_")
        if self.livemode is not None and world is not None and (world == "live") != self.livemode:
            raise ValueError(f"this is a {world} key, but livemode is {str(self.livemode).lower()}")
        if self.is_live and (self.api_base, self.checkout_base) != (STRIPE_API, STRIPE_CHECKOUT):
            raise ValueError("live keys go to Stripe alone: remove api_base and checkout_base")
        return self


def _key_world(key: SecretStr | None) -> Literal["live", "test", "unknown"] | None:
    if key is None:
        return None
    prefix = key.get_secret_value()[:8]
    if prefix in {"sk_live_", "rk_live_"}:
        return "live"
    return "test" if prefix in {"sk_test_", "rk_test_"} else "unknown"


class Settings(_Section):
    """All settings of one portal. Only the business's name has no default."""

    business: Business
    portal: PortalSettings = PortalSettings()
    brand: Brand = Brand()
    terms: TermsSettings = TermsSettings()
    payments: Payments = Payments()
    bank: tuple[Bank, ...] = ()
    sources: Sources = Sources()
    ledger: Ledger = Ledger()
    mail: MailSettings | None = None
    reminders: ReminderSettings | None = None
    stripe: Stripe = Stripe()
    plans: tuple[PlanSettings, ...] = ()
    doors: DoorsSettings = DoorsSettings()
    limits: Limits = Limits()
    links: LinkSettings = LinkSettings()
    privacy: PrivacySettings = PrivacySettings()
    publish: PublishSettings = PublishSettings()

    @field_validator("plans")
    @classmethod
    def _plans_need_a_server(cls, plans: tuple[PlanSettings, ...], others: ValidationInfo) -> tuple[PlanSettings, ...]:
        payments = others.data.get("payments")
        if plans and isinstance(payments, Payments) and payments.by_links:
            raise ValueError(
                'plans need pay buttons that are answered: they do not go with payments.checkout = "links"'
            )
        return plans

    @field_validator("reminders")
    @classmethod
    def _reminders_are_mails(
        cls, reminders: ReminderSettings | None, others: ValidationInfo
    ) -> ReminderSettings | None:
        if reminders and others.data.get("mail") is None:
            raise ValueError("reminders are mails: add [mail] and the address that they are from")
        return reminders

    @property
    def live_url(self) -> str:
        """Where the pay buttons post, without a slash at the end."""
        return self.portal.live_url or self.portal.base_url

    @field_validator("bank", mode="before")
    @classmethod
    def _one_account_or_several(cls, stated: object) -> object:
        """``[bank]`` is one account; ``[[bank]]`` may be several."""
        return stated if isinstance(stated, (list, tuple)) else (stated,)

    @cached_property
    def payees(self) -> tuple[Payee, ...]:
        """The owner's accounts, in the order they are preferred; the holder is the business unless said otherwise."""
        holder = self.business.legal_name or self.business.name
        return tuple(bank.payee(holder) for bank in self.bank)


def load_settings(content: Path, environment: Mapping[str, str] | None = None) -> Settings:
    """The settings of the portal in ``content``.

    Raises:
        SettingsError: every setting that cannot be used, with file, line and what to do.
    """
    text = settings_text(content)
    try:
        tables = parse_toml(text, file=SETTINGS_FILE)
    except ContentError as error:
        raise SettingsError(error.problems) from error
    return _settings_of(tables, text, content, os.environ if environment is None else environment)


def _settings_of(tables: dict[str, Any], text: str, content: Path, environment: Mapping[str, str]) -> Settings:
    problems = _secrets_in_file(tables, text)
    from_environment: dict[tuple[str, str], str] = {}
    for variable, place in ENVIRONMENT.items():
        if value := environment.get(variable, "").strip():
            from_environment[place] = variable
            section = tables.setdefault(place[0], {})
            if isinstance(section, dict):
                section[place[1]] = value
    try:
        settings = Settings.model_validate(tables, context={"content": content})
    except ValidationError as error:
        problems += [
            problem_of(item, Settings, text, SETTINGS_FILE, from_environment)
            for item in error.errors(include_url=False)
        ]
        # From the first line of the file to the last, each once: what is wrong with all of a list is wrong with each.
        raise SettingsError(sorted(dict.fromkeys(problems), key=lambda one: one.line or 0)) from None
    if problems:
        raise SettingsError(problems)
    return settings


def _secrets_in_file(tables: dict[str, Any], text: str) -> list[Problem]:
    found = []
    for section, name in sorted(_SECRETS):
        table = tables.get(section)
        if isinstance(table, dict) and table.pop(name, None) is not None:
            variable = next(v for v, place in ENVIRONMENT.items() if place == (section, name))
            what = "A secret does not belong in a file that is copied and shared."
            remedy = f"Remove it here and set {variable} in the environment; change the secret if others saw it."
            place, line = f"{section}.{name}", line_of(text, (section, name))
            found.append(Problem(what, remedy, file=SETTINGS_FILE, line=line, field=place))
    return found
