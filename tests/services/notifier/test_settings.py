"""The settings of the notifier."""

import json
from pathlib import Path
from uuid import UUID

import pytest
from pydantic import ValidationError

from services.notifier.portal import Portal
from services.notifier.settings import NotifierSettings
from shared.situation import Turn

RENEWAL = UUID(int=1)


@pytest.mark.parametrize(
    "wrong",
    [
        {"smtp_user": "giahan"},
        {"smtp_password": "secret"},
        {"smtp_user": "giahan", "smtp_password": "secret"},
        {"smtp_user": "giahan", "smtp_password": "secret", "smtp_tls": "offered"},
        {"smtp_sender": "Gia Hạn <a@b>"},
        {"smtp_sender": "a@b\r\nBcc: c@d"},
        {"smtp_host": "a b"},
        {"smtp_seconds": 0},
        {"portal_url": "javascript:alert(1)"},
        {"signing_url": "javascript:alert(1)"},
    ],
)
def test_refused_at_start(wrong: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        NotifierSettings.model_validate(wrong)


def test_password_is_not_shown() -> None:
    settings = NotifierSettings.model_validate(
        {"smtp_user": "giahan", "smtp_password": "secret", "smtp_tls": "tls"}
    )
    assert "secret" not in repr(settings)


def test_the_vendors_variable_may_tell_more_than_we_need(monkeypatch: pytest.MonkeyPatch) -> None:
    vendor = '{"name": "V", "address": "A", "phone": "1", "email": "v@example.com", "bank": "B"}'
    monkeypatch.setenv("GIAHAN_VENDOR", vendor)
    assert NotifierSettings().vendor.name == "V"


def test_link_keeps_what_the_portals_address_has() -> None:
    assert Portal("https://p.example/r").link("qlts") == "https://p.example/r?product=qlts"
    assert Portal("https://p.example/r?a=1").link("qlts") == "https://p.example/r?a=1&product=qlts"


@pytest.mark.parametrize(
    ("signing_url", "page"),
    [
        ("/signing", f"https://p.example/signing?renewal={RENEWAL}"),
        ("https://s.example/sign?a=1", f"https://s.example/sign?a=1&renewal={RENEWAL}"),
        ("", "https://p.example/renewal?product=qlts"),
    ],
)
def test_signing_page_is_on_the_portals_host_or_where_it_is_set(signing_url: str, page: str) -> None:
    portal = Portal("https://p.example/renewal", signing_url)
    assert portal.page_for(Turn.SIGN, RENEWAL, "qlts") == page
    for turn, renewal in ((Turn.SEND_PAPER, RENEWAL), (Turn.SIGN, None), (None, None)):
        assert portal.page_for(turn, renewal, "qlts") == "https://p.example/renewal?product=qlts"


def test_every_product_that_is_sold_has_a_name_in_mails() -> None:
    """Guards against: a mail names a product by its code, "Phần mềm KTNS"."""
    catalogue = json.loads(Path("services/renewal/catalogue.json").read_text(encoding="utf-8"))
    sold = {
        product["code"]: product["name"]
        for edition in catalogue["editions"]
        for product in edition["products"]
    }
    named = {code: name.vi for code, name in NotifierSettings().products.items()}
    assert named == sold
