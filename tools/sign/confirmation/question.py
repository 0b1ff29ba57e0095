"""What the person is asked, and what they answer."""

from typing import Annotated, Literal, Protocol

from pydantic import Field, TypeAdapter

from tools.sign.protocol import DocumentReference, ProtocolBody, TokenState
from tools.sign.texts import Wording, words
from tools.sign.tokens.orders import Pin


class PairingQuestion(ProtocolBody):
    kind: Literal["pairing"] = "pairing"
    origin: str


class SignatureQuestion(ProtocolBody):
    kind: Literal["signature"] = "signature"
    origin: str
    document: DocumentReference
    holder: str
    token: TokenState

    @property
    def rows(self) -> list[tuple[Wording, str]]:
        """What is signed, for whom, by whom: label and value. Not the site, nor what is empty."""
        sha256 = self.document.sha256
        rows = {
            "document": self.document.title,
            "number": self.document.number,
            "sha256": f"{sha256[:8]} … {sha256[-8:]}",
            "holder": self.holder,
            "token": self.token.label,
        }
        return [(words("window", name), value) for name, value in rows.items() if value]

    @property
    def warning(self) -> Wording | None:
        """What the token says of earlier tries."""
        if self.token.pin_final_try:
            return words("window", "pin_final_try")
        return words("window", "pin_low") if self.token.pin_low else None


Question = PairingQuestion | SignatureQuestion


class Reply(ProtocolBody):
    """`unavailable`: there is no screen, or no terminal, to ask on."""

    outcome: Literal["confirmed", "refused", "unavailable"]
    pin: Pin | None = None


class Respondent(Protocol):
    """Somebody who replies."""

    async def ask(self, question: Question) -> Reply: ...


QUESTION: TypeAdapter[Question] = TypeAdapter(Annotated[Question, Field(discriminator="kind")])
