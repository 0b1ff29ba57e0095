"""What the person reads before a signature."""

from io import StringIO

import pytest

from tests.tools.sign.questions import signature_question
from tools.sign.confirmation import console
from tools.sign.confirmation.question import Reply


def test_the_rows_say_what_is_signed_and_by_whom() -> None:
    rows = {label.en: value for label, value in signature_question().rows}
    assert rows == {
        "Document": "Phiếu",
        "Number": "12/GH-2026",
        "SHA-256": "01234567 … 89abcdef",
        "Signer": "Trường Tiểu học Xuân Phú",
        "Token": "token",
    }


def test_a_document_without_a_number_has_no_row_for_it() -> None:
    assert "Number" not in {label.en for label, _ in signature_question(number="").rows}


@pytest.mark.parametrize(
    ("token", "expected"),
    [
        ({}, None),
        ({"pin_low": True}, "A wrong PIN was typed before. After too many, the token locks."),
        ({"pin_low": True, "pin_final_try": True}, "This is the last try: a wrong PIN locks the token."),
    ],
)
def test_the_person_is_warned_by_what_the_token_says(token: dict[str, bool], expected: str | None) -> None:
    warning = signature_question(flags=token).warning
    assert (warning.en if warning else None) == expected


@pytest.mark.parametrize(("typed", "outcome"), [("có", "confirmed"), ("Y", "confirmed"), ("", "refused")])
def test_on_the_terminal_a_pin_pad_is_announced_and_no_pin_asked(typed: str, outcome: str) -> None:
    screen = StringIO()
    reply = console._ask(
        signature_question(flags={"pin_pad": True, "pin_final_try": True}), StringIO(f"{typed}\n"), screen
    )
    assert reply == Reply.model_validate({"outcome": outcome})
    assert "type the PIN on the token itself" in screen.getvalue()
    assert "This is the last try" in screen.getvalue()
