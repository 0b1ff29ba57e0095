"""The bodies of the protocol, version 1 (docs/reference/signing-tool.md)."""

import base64
import unicodedata
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    ValidationInfo,
    field_validator,
)
from pydantic_core import PydanticCustomError

Algorithm = Literal["PS256", "RS256", "ES256", "ES384"]
DIGEST_BYTES: dict[Algorithm, int] = {"PS256": 32, "RS256": 32, "ES256": 32, "ES384": 48}
_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def _decode(value: object) -> bytes:
    if isinstance(value, bytes):
        return value
    try:
        return base64.b64decode(str(value), validate=True)
    except ValueError:
        raise PydanticCustomError("base64", "not base64") from None


def is_visible(text: str) -> bool:
    """Whether every character shows: no control character, no change of direction, no line separator."""
    return not any(unicodedata.category(letter) in _HIDDEN for letter in text)


def _require_visible(text: str) -> str:
    if not is_visible(text):
        raise PydanticCustomError("hidden_character", "has characters that do not show")
    return text


Base64 = Annotated[
    bytes, BeforeValidator(_decode), PlainSerializer(lambda value: base64.b64encode(value).decode())
]
Sha256Hex = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
ShownText = Annotated[str, Field(max_length=300), AfterValidator(_require_visible)]


class ProtocolBody(BaseModel):
    """Unknown fields are ignored, so that a newer page works with an older tool. Validation errors never
    quote what was sent: it may be a PIN."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class PairingRequest(ProtocolBody):
    pass


class DocumentReference(ProtocolBody):
    """What the window shows of the document. `number` may be empty; `sha256` is that of the whole file."""

    title: Annotated[ShownText, Field(min_length=1)]
    number: ShownText
    sha256: Sha256Hex


class SignatureRequest(ProtocolBody):
    """`certificate` is the id from the list. `digest` is signed as it is: it is hashed already."""

    certificate: Sha256Hex
    algorithm: Algorithm
    digest: Base64
    document: DocumentReference

    @field_validator("digest")
    @classmethod
    def _has_the_algorithms_length(cls, digest: bytes, info: ValidationInfo) -> bytes:
        algorithm = info.data.get("algorithm")
        if algorithm and len(digest) != DIGEST_BYTES[algorithm]:
            raise PydanticCustomError("digest_length", "the digest has another length than the algorithm's")
        return digest


class PinState(ProtocolBody):
    """The token's own flags. A token tells no number of tries left."""

    low: bool = False
    final_try: bool = False
    locked: bool = False


class TokenState(ProtocolBody):
    """`pin_pad`: the PIN is typed on the token itself."""

    label: str
    pin_low: bool
    pin_final_try: bool
    pin_locked: bool
    pin_pad: bool


class TokenCertificate(ProtocolBody):
    """A certificate with its private key on a token. `id` is the SHA-256 of the certificate's DER."""

    id: Sha256Hex
    certificate: Base64
    issuers: tuple[Base64, ...]
    holder: str
    issuer: str
    serial: str
    valid_from: AwareDatetime
    valid_to: AwareDatetime
    codes: tuple[str, ...]
    key: str
    algorithms: tuple[Algorithm, ...]
    token: TokenState


class TokenSignature(ProtocolBody):
    """`algorithm` is the one that was used: a token without PSS gives RS256 for PS256."""

    signature: Base64
    algorithm: Algorithm
