"""``[mail]`` of the owner's settings: from whom, through which server, and about what."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, model_validator

from portal.settings.mail_addresses import address_problem
from portal.settings.values import NO_CONTROLS, ONE_LINE, written_like

PORTS = {"starttls": 587, "tls": 465, "none": 25}
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


def _address(value: str) -> str:
    if problem := address_problem(value):
        raise ValueError(problem)
    return value


Address = Annotated[str, AfterValidator(_address)]
Host = Annotated[str, written_like(r"[A-Za-z0-9.:-]{1,253}", "a mail server is named like smtp.example.com")]


class MailSettings(BaseModel):
    """How mails are sent; without a host they are written to files.

    ``receipts``, ``owner_notices`` and ``notice_days`` say which mails there are; 0 days is no notice.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True, populate_by_name=True)

    sender: Annotated[Address, Field(alias="from")]
    reply_to: Address | None = None
    owner: Address | None = None
    host: Host | None = None
    port: Annotated[int, Field(ge=1, le=65535)] | None = None
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: Annotated[str, Field(min_length=1, max_length=200), written_like(NO_CONTROLS, ONE_LINE)] | None = None
    password: SecretStr | None = None
    receipts: bool = True
    owner_notices: bool = False
    notice_days: Annotated[int, Field(ge=0, le=30)] = 3

    @property
    def server_port(self) -> int:
        """The port of the server; by default the one that goes with the kind of security."""
        return self.port or PORTS[self.security]

    def answers_to(self, business: str | None) -> str:
        """Where answers go: to the address the owner named, the business's own, or the sender's."""
        return self.reply_to or (business if business and not address_problem(business) else None) or self.sender

    def owner_address(self, business: str | None) -> str:
        """Where words to the owner go."""
        return self.owner or self.answers_to(business)

    @model_validator(mode="after")
    def _nothing_readable_on_the_way(self) -> Self:
        if self.host and self.security == "none" and self.host not in _LOOPBACK:
            raise ValueError('security = "none" is for a mail server on this machine; use "starttls" or "tls"')
        if self.user and not self.host:
            raise ValueError("a user needs the host to log in at")
        return self
