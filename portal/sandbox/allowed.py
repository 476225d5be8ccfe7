"""Parameters that several operations share, as trees of what is allowed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.sandbox.params import Choice, Email, Flag, Gone, Group, Many, Tags, Text, Url, Whole

if TYPE_CHECKING:
    from portal.sandbox.params import Kind

LOCALES = tuple(
    (
        "auto bg cs da de el en en-GB es es-419 et fi fil fr fr-CA hi-IN hr hu id it ja ko lt lv ms mt nb nl pl "
        "pt pt-BR ro ru sk sl sv th tr vi zh zh-HK zh-TW"
    ).split()
)
METHODS = tuple(
    (
        "acss_debit affirm afterpay_clearpay alipay alma amazon_pay au_becs_debit bacs_debit bancontact billie "
        "bizum blik boleto card cashapp crypto customer_balance eps fpx giropay grabpay ideal kakao_pay klarna "
        "konbini kr_card link mb_way mobilepay multibanco naver_pay nz_bank_account oxxo p24 pay_by_bank payco "
        "paynow paypal paypay payto pix promptpay revolut_pay samsung_pay satispay scalapay sepa_debit sequra "
        "sofort sunbit swish twint upi us_bank_account wechat_pay zip"
    ).split()
)
NO_METHOD_TYPES = Gone(
    "payment_method_types_no_longer_supported",
    "The payment_method_types parameter is no longer supported in this API version. "
    "Use allowed_payment_method_types or excluded_payment_method_types instead.",
)
METHOD_LIST = Many(Choice(METHODS), most=len(METHODS))
OFF = Flag(served=(False,))
SUBMIT_TYPE = Choice(("auto", "book", "donate", "pay", "subscribe"))
FUTURE_USE = Choice(("on_session", "off_session"))
CAPTURE = Choice(("automatic", "automatic_async", "manual"), served=("automatic", "automatic_async"))
TAX_BEHAVIOUR = Choice(("exclusive", "inclusive", "unspecified"))

PRODUCT_FIELDS: dict[str, Kind] = {
    "description": Text(40_000),
    "images": Many(Url(), most=8),
    "metadata": Tags(),
    "name": Text(),
    "tax_code": Text(),
    "unit_label": Text(12),
}
PRICE_DATA = Group(
    {
        "currency": Text(),
        "product": Text(),
        "product_data": Group(PRODUCT_FIELDS, required=("name",)),
        "tax_behavior": TAX_BEHAVIOUR,
        "unit_amount": Whole(),
    },
    required=("currency",),
)
LINE = Group({"metadata": Tags(), "price": Text(), "price_data": PRICE_DATA, "quantity": Whole(least=1)})
LINE_OF_LINK = Group({"price": Text(), "price_data": PRICE_DATA, "quantity": Whole(least=1)}, required=("quantity",))
INTENT_FIELDS: dict[str, Kind] = {
    "capture_method": CAPTURE,
    "description": Text(1000),
    "metadata": Tags(),
    "setup_future_usage": FUTURE_USE,
    "statement_descriptor_suffix": Text(22),
}
INTENT_OF_SESSION = Group({**INTENT_FIELDS, "receipt_email": Email()})

_MESSAGE = Group({"message": Text(1200)}, required=("message",))
CUSTOM_TEXT = Group(
    {"after_submit": _MESSAGE, "submit": _MESSAGE, "terms_of_service_acceptance": _MESSAGE},
)
CONSENT = Group(
    {
        "payment_method_reuse_agreement": Group({"position": Choice(("auto", "hidden"))}, required=("position",)),
        "promotions": Choice(("auto", "none")),
        "terms_of_service": Choice(("none", "required")),
    }
)
_PICTURE = Group({"file": Text(), "type": Choice(("file", "url")), "url": Url()}, required=("type",))
BRANDING = Group(
    {
        "background_color": Text(7),
        "border_style": Choice(("pill", "rectangular", "rounded")),
        "button_color": Text(7),
        "display_name": Text(),
        "font_family": Text(),
        "icon": _PICTURE,
        "logo": _PICTURE,
    }
)
SWITCHED_OFF = Group({"enabled": OFF}, required=("enabled",))
ADDRESS = Group({name: Text(blank=True) for name in ("city", "country", "line1", "line2", "postal_code", "state")})
