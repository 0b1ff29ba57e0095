"""What the person reads before a signature."""

from typing import Any

import pytest

from tools.sign.confirmation.question import SignatureQuestion


def question(number: str = "12/GH-2026", **token: object) -> SignatureQuestion:
    state: dict[str, Any] = dict.fromkeys(("pin_low", "pin_final_try", "pin_locked", "pin_pad"), False)
    return SignatureQuestion.model_validate(
        {
            "origin": "https://giahan.example.vn",
            "document": {"title": "Phiếu", "number": number, "sha256": "0123456789abcdef" * 4},
            "holder": "Trường Tiểu học Xuân Phú",
            "token": {"label": "token", **state, **token},
        }
    )


def test_the_rows_say_what_is_signed_and_by_whom() -> None:
    rows = {label.en: value for label, value in question().rows}
    assert rows == {
        "Document": "Phiếu",
        "Number": "12/GH-2026",
        "SHA-256": "01234567 … 89abcdef",
        "Signer": "Trường Tiểu học Xuân Phú",
        "Token": "token",
    }


def test_a_document_without_a_number_has_no_row_for_it() -> None:
    assert "Number" not in {label.en for label, _ in question(number="").rows}


@pytest.mark.parametrize(
    ("token", "expected"),
    [
        ({}, None),
        ({"pin_low": True}, "A wrong PIN was typed before. After too many, the token locks."),
        ({"pin_low": True, "pin_final_try": True}, "This is the last try: a wrong PIN locks the token."),
    ],
)
def test_the_person_is_warned_by_what_the_token_says(token: dict[str, bool], expected: str | None) -> None:
    warning = question(**token).warning
    assert (warning.en if warning else None) == expected
