"""Settings: one name is enough, and every mistake is named at once with its line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from portal.config import load_settings
from portal.errors import Problem, SettingsError

if TYPE_CHECKING:
    from pathlib import Path

NAME = '[business]\nname = "Sample Business"\n'


def problems_of(tmp_path: Path, text: str, environment: dict[str, str] | None = None) -> list[Problem]:
    (tmp_path / "portal.toml").write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        load_settings(tmp_path, environment or {})
    return list(caught.value.problems)


def test_a_name_is_enough(tmp_path: Path) -> None:
    (tmp_path / "portal.toml").write_text(NAME)
    settings = load_settings(tmp_path, {})
    assert settings.business.name == "Sample Business"
    assert settings.portal.base_url == settings.live_url == "http://127.0.0.1:8000"
    assert settings.payees == ()
    assert not settings.stripe.is_live


def test_the_environment_has_the_last_word(tmp_path: Path) -> None:
    (tmp_path / "portal.toml").write_text(NAME + '[portal]\nbase_url = "https://a.example"\n')
    settings = load_settings(tmp_path, {"PORTAL_BASE_URL": "https://b.example/pay/", "PORTAL_LIVE_URL": " "})
    assert settings.portal.base_url == "https://b.example/pay"
    assert settings.live_url == "https://b.example/pay"


def test_all_problems_are_named_at_once_with_their_lines(tmp_path: Path) -> None:
    found = problems_of(
        tmp_path,
        """[business]
name = ""
phone = "call me"

[portal]
base_url = "http://pay.example.com"
local = "en-GB"
timezone = "Mars/Olympus"

[brand]
colour = "green"
""",
    )
    assert [problem.problem for problem in found[:2]] == [
        "Nothing stands between the quotes.",
        "A telephone number is digits, with + in front where it is international.",
    ]
    places = [(problem.file, problem.line, problem.field) for problem in found]
    assert places == [
        ("portal.toml", 2, "business.name"),
        ("portal.toml", 3, "business.phone"),
        ("portal.toml", 6, "portal.base_url"),
        ("portal.toml", 7, "portal.local"),
        ("portal.toml", 8, "portal.timezone"),
        ("portal.toml", 11, "brand.colour"),
    ]
    assert found[3].remedy == "Did you mean locale?"
    assert all(problem.problem and problem.remedy for problem in found)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[payments]\npart = "maybe"\n', "It has to be true or false, without quotes."),
        ('[payments]\ncheckout = "link"\n', "It has to be 'live' or 'links'."),
        ('[portal]\nlanguages = "en"\n', "It has to be a list in square brackets."),
        ('[portal]\nlanguages = ["en", "xx"]\n', "'xx': the words of the pages exist in"),
        ("[plans]\npayments = 3\n", "each begins with two brackets: [[plans]]."),
        ("[[plans]]\npayments = 1\n", "It has to be 2 or more."),
        ("[privacy]\nretention_records_years = 1000\n", "or less."),
        ('[terms.late]\ninterest = "high"\n', "It has to be a section of its own: [terms.late.interest]."),
    ],
)
def test_what_is_wrong_is_said_to_who_wrote_it_and_once(tmp_path: Path, text: str, said: str) -> None:
    (found,) = problems_of(tmp_path, NAME + text)
    assert said in found.problem


def test_a_file_that_windows_wrote_is_read(tmp_path: Path) -> None:
    (tmp_path / "portal.toml").write_bytes(b"\xef\xbb\xbf" + NAME.replace("\n", "\r\n").encode())
    assert load_settings(tmp_path, {}).business.name == "Sample Business"


def test_a_file_that_cannot_be_read_is_named_with_the_line(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=f"There is no portal.toml in {tmp_path}"):
        load_settings(tmp_path)
    (tmp_path / "portal.toml").write_bytes(f'{NAME}address = "M\xfcller"\n'.encode("cp1252"))
    with pytest.raises(SettingsError, match=r"portal.toml:3: The file is not UTF-8. Save it as UTF-8."):
        load_settings(tmp_path)
    (tmp_path / "portal.toml").unlink()
    (tmp_path / "portal.toml").mkdir()
    with pytest.raises(SettingsError, match="The file cannot be read: Is a directory"):
        load_settings(tmp_path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "needed"),
        ("[business\n", "not valid TOML"),
        ("business = 3\n", "a section of its own"),
        (NAME + "[bank]\nbic = 'COBADEFFXXX'\n", "iban or an account_number"),
        (NAME + "[bank]\niban = 'DE89370400440532013001'\n", "check digits"),
        (NAME + "[stripe]\nlivemode = 'perhaps'\n", "true or false"),
        (NAME + "[portal]\nbase_url = 'https://user:pw@pay.example'\n", "an address is"),
        (NAME + "[portal]\nbase_url = 'ftp://pay.example'\n", "starts with https"),
        (NAME + "[portal]\nbase_url = 'https://pay.example/?a=1'\n", "an address is"),
        (NAME + "[portal]\nlocale = 'tlh-QO'\n", "locale"),
        (NAME + "[business]\nname = 'twice'\n", "not valid TOML"),
        (NAME + "colour = 'x'\n", "no such setting"),
        (NAME + "[stripes]\n", "no such setting"),
    ],
)
def test_what_cannot_be_used_is_refused_with_a_reason(tmp_path: Path, text: str, said: str) -> None:
    (found, *_rest) = problems_of(tmp_path, text)
    assert said.lower() in found.problem.lower()
    assert found.file == "portal.toml"
    assert found.remedy


def test_a_missing_file_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="portal init"):
        load_settings(tmp_path, {})


@pytest.mark.parametrize("section", ['[stripe]\napi_key = "sk_live_secret"\n', '[portal]\nlink_key = "abc"\n'])
def test_a_secret_in_the_file_is_refused_and_not_repeated(tmp_path: Path, section: str) -> None:
    (found,) = problems_of(tmp_path, NAME + section)
    assert "PORTAL_" in found.remedy
    assert found.line == 4
    assert "sk_live_secret" not in str(found)


@pytest.mark.parametrize(
    ("environment", "toml", "said"),
    [
        ({"PORTAL_STRIPE_KEY": "sk_test_1"}, "[stripe]\nlivemode = true\n", "test key, but livemode is true"),
        ({"PORTAL_STRIPE_KEY": "rk_live_1"}, "[stripe]\nlivemode = false\n", "live key, but livemode is false"),
        ({"PORTAL_STRIPE_KEY": "pk_live_1"}, "", "starts with sk_live_"),
        ({"PORTAL_STRIPE_KEY": "sk_live_1", "PORTAL_STRIPE_API_BASE": "http://127.0.0.1:1"}, "", "Stripe alone"),
    ],
)
def test_keys_of_two_worlds_are_refused(tmp_path: Path, environment: dict[str, str], toml: str, said: str) -> None:
    (found,) = problems_of(tmp_path, NAME + toml, environment)
    assert said in found.problem
    assert "_1" not in found.problem


def test_secrets_do_not_show_in_a_printed_setting(tmp_path: Path) -> None:
    (tmp_path / "portal.toml").write_text(NAME)
    settings = load_settings(tmp_path, {"PORTAL_STRIPE_KEY": "sk_test_hidden", "PORTAL_LINK_KEY": "k" * 40})
    assert "hidden" not in repr(settings)
    assert "kkkk" not in repr(settings)
    assert "hidden" not in settings.model_dump_json()


def test_plans_do_not_go_with_payment_links(tmp_path: Path) -> None:
    text = '[business]\nname = "B"\n[payments]\ncheckout = "links"\n[[plans]]\npayments = 3\n'
    (tmp_path / "portal.toml").write_text(text)
    with pytest.raises(SettingsError, match="Plans need pay buttons"):
        load_settings(tmp_path, {})
