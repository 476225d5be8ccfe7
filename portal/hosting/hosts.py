"""What hosts have to be told so that they send every page with its headers, in the words of each.

Netlify and Cloudflare Pages read the ``_headers`` file that is published with the pages; others are told once.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from portal.errors import Problem, SettingsError
from portal.hosting.headers import security_headers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from portal.config import Settings

_UNWRITABLE = re.compile(r"[\"\\$\x00-\x1f]")
"""What cannot stand between the quotes of an nginx configuration as itself."""
_NGINX = """\
# Made by `portal headers nginx`; make it again after a change of settings or an update of the portal.
# Include it in the server block of {host}, which says where to listen and has the certificate.
root "{root}";
index index.html;
autoindex off;
server_tokens off;
charset utf-8;
gzip on;
{packed}# The address of a page is its key, so no log may have it.
access_log off;
{headers}
error_page 403 404 /404.html;
error_page 500 502 503 504 /problem.html;
location ~ /[._] {{
    return 404;
}}
location / {{
    try_files $uri ${{uri}}index.html $uri/index.html {otherwise};
}}
"""
_NGINX_PACKED = """\
# The build packs every page in advance. With the module ngx_brotli, say `brotli_static on;` here too.
gzip_static on;
"""
_NGINX_LIVE = """\
# What is no page goes to `portal serve`: pay buttons, webhooks, and unknown addresses, which it answers alike.
location @portal {{
    proxy_pass {serve};
    proxy_redirect off;
    # Who asks, as nginx saw it, stands last; so portal.proxies = 1 never believes what a client says of itself.
    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    client_max_body_size 1m;
{hidden}
}}
"""


def nginx_snippet(settings: Settings, css_hashes: Sequence[str], *, root: str, serve: str) -> str:
    """For the server block of an nginx that has the pages, and passes on what ``portal serve`` answers.

    Args:
        settings: the owner's.
        css_hashes: ``sha256-...`` of the stylesheets.
        root: the folder of the pages, absolute.
        serve: where ``portal serve`` listens, such as ``http://127.0.0.1:8000``.

    Raises:
        SettingsError: the pages do not lie at the root of their address, or the folder's name cannot be written.
    """
    address = urlsplit(settings.portal.base_url)
    _check(address.path, root)
    headers = security_headers(settings, css_hashes)
    passes_on = settings.live_url == settings.portal.base_url and not settings.payments.by_links
    snippet = _NGINX.format(
        host=address.netloc,
        root=root,
        packed=_NGINX_PACKED if settings.publish.packed_copies else "",
        headers="\n".join(f'add_header {name} "{value}" always;' for name, value in headers.items()),
        otherwise="@portal" if passes_on else "=404",
    )
    if not passes_on:
        return snippet
    hidden = "\n".join(f"    proxy_hide_header {name};" for name in headers)
    return snippet + _NGINX_LIVE.format(serve=serve, hidden=hidden)


def cloudfront_policy(settings: Settings, css_hashes: Sequence[str]) -> str:
    """A response headers policy, as JSON that ``aws cloudfront create-response-headers-policy`` takes.

    Source: CloudFront's API, ``ResponseHeadersPolicyConfig``; a header that has a field of its own there may not be a
    custom one.
    """
    headers = security_headers(settings, css_hashes)
    del headers["X-Content-Type-Options"]  # said by the presence of its field
    known: dict[str, dict[str, object]] = {
        "ContentTypeOptions": {},
        "ContentSecurityPolicy": {"ContentSecurityPolicy": headers.pop("Content-Security-Policy")},
        "FrameOptions": {"FrameOption": headers.pop("X-Frame-Options")},
        "ReferrerPolicy": {"ReferrerPolicy": headers.pop("Referrer-Policy")},
    }
    if strict := headers.pop("Strict-Transport-Security", None):
        known["StrictTransportSecurity"] = _strict_transport(strict)
    own = [{"Header": name, "Value": value, "Override": True} for name, value in headers.items()]
    policy = {
        "Name": "invoice-payment-portal",
        "Comment": "Made by portal headers cloudfront",
        "SecurityHeadersConfig": {name: {"Override": True, **fields} for name, fields in known.items()},
        "CustomHeadersConfig": {"Quantity": len(own), "Items": own},
    }
    return json.dumps(policy, indent=2) + "\n"


def _strict_transport(value: str) -> dict[str, object]:
    seconds = re.search(r"max-age=(\d+)", value)
    return {
        "AccessControlMaxAgeSec": int(seconds[1]) if seconds else 0,
        "IncludeSubdomains": "includeSubDomains" in value,
        "Preload": "preload" in value,
    }


def _check(path: str, root: str) -> None:
    problems = []
    if path:
        problems.append(
            Problem(
                f"The pages lie in a folder of their address, {path}, and this is for pages at its root.",
                "Give the portal an address of its own, such as https://pay.example.com.",
                field="portal.base_url",
            )
        )
    if _UNWRITABLE.search(root):
        problems.append(
            Problem(
                f"nginx cannot be told of a folder named {root!r}.", "Use a name without quotes, backslashes and $."
            )
        )
    if problems:
        raise SettingsError(problems)
