from __future__ import annotations

import base64
import hashlib

import pytest

from portal.config import PortalSettings, Settings, Stripe
from portal.hosting.headers import content_security_policy, headers_file, security_headers
from portal.settings.business import Business
from portal.theming.theme import theme_of


def settings_of(
    base: str = "https://pay.example.com", live: str | None = None, checkout: str | None = None
) -> Settings:
    stripe = Stripe(checkout_base=checkout) if checkout else Stripe()
    return Settings(business=Business(name="B"), portal=PortalSettings(base_url=base, live_url=live), stripe=stripe)


def test_only_the_stylesheets_of_the_looks_are_allowed_by_their_hashes() -> None:
    settings = settings_of()
    theme = theme_of(settings)
    sheets = (style.css.encode() for style in theme.styles.values())
    digests = [base64.b64encode(hashlib.sha256(css).digest()).decode() for css in sheets]
    allowed = " ".join(f"'sha256-{digest}'" for digest in digests)
    assert len(digests) > 3
    policy = content_security_policy(settings, theme.css_hashes)
    assert policy == (
        f"default-src 'none'; style-src {allowed}; img-src 'self' data:; base-uri 'none'; "
        "form-action 'self' https://checkout.stripe.com; frame-ancestors 'none'"
    )
    assert "unsafe" not in policy


@pytest.mark.parametrize(
    ("base", "live", "checkout", "targets"),
    [
        ("https://a.example", None, None, "'self' https://checkout.stripe.com"),
        ("https://a.example/x", "https://b.example/y", None, "'self' https://b.example https://checkout.stripe.com"),
        ("http://127.0.0.1:8000", None, "http://127.0.0.1:8000", "'self'"),
        ("http://127.0.0.1:8000", None, "http://127.0.0.1:9000/x", "'self' http://127.0.0.1:9000"),
    ],
)
def test_forms_lead_to_the_live_app_and_on_to_the_checkout(
    base: str, live: str | None, checkout: str | None, targets: str
) -> None:
    settings = settings_of(base, live, checkout)
    assert f"form-action {targets}; " in content_security_policy(settings, theme_of(settings).css_hashes)


def test_in_a_page_the_policy_leaves_out_what_meta_may_not_say() -> None:
    settings = settings_of()
    assert "frame-ancestors" not in content_security_policy(settings, theme_of(settings).css_hashes, in_page=True)


def test_the_address_is_kept_from_everyone() -> None:
    settings = settings_of()
    headers = security_headers(settings, theme_of(settings).css_hashes)
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "private, no-store"
    assert "noindex" in headers["X-Robots-Tag"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "max-age=63072000" in headers["Strict-Transport-Security"]


def test_plain_http_on_the_own_machine_gets_no_transport_promise() -> None:
    settings = settings_of("http://127.0.0.1:8000")
    assert "Strict-Transport-Security" not in security_headers(settings, theme_of(settings).css_hashes)


def test_the_headers_file_says_the_same_as_the_server() -> None:
    settings = settings_of()
    theme = theme_of(settings)
    first, *rest = headers_file(settings, theme.css_hashes).splitlines()
    assert first == "/*"
    assert dict(line.strip().split(": ", 1) for line in rest) == security_headers(settings, theme.css_hashes)
    assert max(map(len, rest)) < 2000


def test_a_line_too_long_for_the_host_is_an_error() -> None:
    settings = settings_of(live=f"https://{'a' * 2000}.example.com")
    with pytest.raises(ValueError, match="longer than 2000"):
        headers_file(settings, theme_of(settings).css_hashes)
