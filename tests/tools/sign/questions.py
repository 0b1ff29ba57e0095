"""Questions as the tool asks them."""

from collections.abc import Mapping
from typing import Any

from tools.sign.confirmation.question import SignatureQuestion


def signature_question(
    number: str = "12/GH-2026", flags: Mapping[str, bool] | None = None
) -> SignatureQuestion:
    """`flags` are of the token's state."""
    state: dict[str, Any] = dict.fromkeys(("pin_low", "pin_final_try", "pin_locked", "pin_pad"), False)
    return SignatureQuestion.model_validate(
        {
            "origin": "https://giahan.example.vn",
            "document": {"title": "Phiếu", "number": number, "sha256": "0123456789abcdef" * 4},
            "holder": "Trường Tiểu học Xuân Phú",
            "token": {"label": "token", **state, **(flags or {})},
        }
    )
