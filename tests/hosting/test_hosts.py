from __future__ import annotations

import json
from typing import Any

import pytest

from portal.config import Payments, PortalSettings, Settings
from portal.errors import SettingsError
from portal.hosting.headers import security_headers
from portal.hosting.hosts import cloudfront_policy, nginx_snippet
from portal.settings.business import Business
from portal.settings.publish import PublishSettings

HASH = "sha256-abc"


def settings_of(base: str = "https://pay.example.com", **fields: Any) -> Settings:  # noqa: ANN401  passed on
    return Settings(business=Business(name="B"), portal=PortalSettings(base_url=base), **fields)


def snippet(settings: Settings, root: str = "/srv/pages") -> str:
    return nginx_snippet(settings, HASH, root=root, serve="http://127.0.0.1:8000")


def test_nginx_is_told_every_header_also_for_errors() -> None:
    settings = settings_of()
    text = snippet(settings)
    for name, value in security_headers(settings, HASH).items():
        assert f'add_header {name} "{value}" always;' in text
    assert text.index("add_header") < text.index("location"), "a location with a header of its own would lose the rest"


def test_nginx_passes_on_only_where_pay_buttons_are_answered() -> None:
    assert "@portal" in snippet(settings_of())
    assert "@portal" not in snippet(settings_of(payments=Payments(checkout="links")))


def test_nginx_is_told_of_packed_copies_only_where_there_are_some() -> None:
    assert "\ngzip_static on;" in snippet(settings_of(publish=PublishSettings(packed_copies=True)))
    assert "_static" not in snippet(settings_of())


def test_what_nginx_cannot_be_told_is_said_at_once() -> None:
    with pytest.raises(SettingsError) as refused:
        snippet(settings_of("https://example.com/pay"), root='/srv/"; return 200; #')
    assert len(refused.value.problems) == 2


@pytest.mark.parametrize("base", ["https://pay.example.com", "http://127.0.0.1:8000"])
def test_cloudfront_is_told_every_header_once(base: str) -> None:
    settings = settings_of(base)
    policy = json.loads(cloudfront_policy(settings, HASH))
    said = {one["Header"]: one["Value"] for one in policy["CustomHeadersConfig"]["Items"]}
    fields = policy["SecurityHeadersConfig"]
    said["Content-Security-Policy"] = fields["ContentSecurityPolicy"]["ContentSecurityPolicy"]
    said["Referrer-Policy"] = fields["ReferrerPolicy"]["ReferrerPolicy"]
    said["X-Frame-Options"] = fields["FrameOptions"]["FrameOption"]
    said["X-Content-Type-Options"] = "nosniff" if fields["ContentTypeOptions"]["Override"] else ""
    if strict := fields.get("StrictTransportSecurity"):
        assert strict["IncludeSubdomains"] is True
        said["Strict-Transport-Security"] = f"max-age={strict['AccessControlMaxAgeSec']}; includeSubDomains"
    assert said == security_headers(settings, HASH)
    assert policy["CustomHeadersConfig"]["Quantity"] == len(policy["CustomHeadersConfig"]["Items"])


def test_cloudfront_takes_ten_headers_of_its_own_at_most() -> None:
    policy = json.loads(cloudfront_policy(settings_of(), HASH))
    assert policy["CustomHeadersConfig"]["Quantity"] <= 10
