"""What the tool asks of a child process that has loaded a PKCS#11 library, and what it answers."""

from typing import Annotated, Literal

from pydantic import Field, PlainSerializer, SecretStr, TypeAdapter

from tools.sign.failure import FailureCode
from tools.sign.protocol import (
    Algorithm,
    Base64,
    PinState,
    ProtocolBody,
    Sha256Hex,
    TokenCertificate,
    TokenSignature,
)

Pin = Annotated[
    SecretStr,
    Field(min_length=1, max_length=100),
    PlainSerializer(lambda pin: pin.get_secret_value(), when_used="json"),
]
"""Its JSON holds the PIN: it goes through a pipe to a child process, and nowhere else."""


class ReadOrder(ProtocolBody):
    kind: Literal["read"] = "read"
    library: str


class SignOrder(ProtocolBody):
    """`pin` None: it is typed on the token."""

    kind: Literal["sign"] = "sign"
    library: str
    certificate: Sha256Hex
    algorithm: Algorithm
    digest: Base64
    pin: Pin | None


class TokenContent(ProtocolBody):
    """What is on the tokens of one library. `tokens` counts those without a certificate too."""

    tokens: int
    certificates: tuple[TokenCertificate, ...]


class OrderFailure(ProtocolBody):
    """`cause` is the CKR_ name of PKCS#11, or a word of ours."""

    code: FailureCode
    cause: str | None = None
    pin: PinState | None = None


ORDER: TypeAdapter[ReadOrder | SignOrder] = TypeAdapter(
    Annotated[ReadOrder | SignOrder, Field(discriminator="kind")]
)
READ_ANSWER: TypeAdapter[TokenContent | OrderFailure] = TypeAdapter(TokenContent | OrderFailure)
SIGN_ANSWER: TypeAdapter[TokenSignature | OrderFailure] = TypeAdapter(TokenSignature | OrderFailure)
