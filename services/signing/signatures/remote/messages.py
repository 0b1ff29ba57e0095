"""The messages of the Cloud Signature Consortium API, versions 1 and 2: what is sent, and what is read of the
answers.

Only what a signature of one digest needs. Answers are other people's: each is validated, unknown fields are
ignored.
"""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Self

from pydantic import Base64Bytes, BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from services.signing.domain.algorithm import Algorithm
from services.signing.domain.remote import RemoteFailure
from services.signing.pades.mechanisms import cms_algorithm

Version = Literal["v1", "v2"]
Factor = Literal["pin", "otp", "challenge", "other"]
"""What a key wants to hear: a PIN, a one-time password that the person has, one that is sent on request."""

_PSS, _RSA_SHA256, _RSA = "1.2.840.113549.1.1.10", "1.2.840.113549.1.1.11", "1.2.840.113549.1.1.1"
_OIDS = {
    Algorithm.PS256: (_PSS,),
    Algorithm.RS256: (_RSA_SHA256, _RSA),
    Algorithm.ES256: ("1.2.840.10045.4.3.2",),
    Algorithm.ES384: ("1.2.840.10045.4.3.3",),
}
_LONGEST_TITLE = 500
_HASHES = {"sha256": "2.16.840.1.101.3.4.2.1", "sha384": "2.16.840.1.101.3.4.2.2"}


@dataclass(frozen=True, slots=True)
class Codes:
    """What the person typed to unlock the key. It is passed on and never stored; `SecretStr` keeps it out of
    logs."""

    pin: SecretStr | None = None
    otp: SecretStr | None = None


KeyCodes = Mapping[str, SecretStr]
"""What a key wants to hear, by its name there."""


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class _Key(_Answer):
    status: Literal["enabled", "disabled"]
    algo: tuple[str, ...]


class _Certificates(_Answer):
    certificates: tuple[Annotated[Base64Bytes, Field(max_length=32_768)], ...] = Field(
        min_length=1, max_length=8
    )


class _Presence(_Answer):
    """Of version 1. `type` online: the one-time password is sent on request."""

    presence: Literal["true", "false", "optional"] = "false"
    type: Literal["online", "offline"] = "offline"

    @field_validator("presence", mode="before")
    @classmethod
    def _as_text(cls, value: object) -> object:
        return str(value).lower() if isinstance(value, bool) else value


class _AuthObject(_Answer):
    type: str
    id: str = Field(max_length=100)
    generator: str | None = None

    @property
    def factor(self) -> Factor:
        if self.type == "ChallengeResponse":
            return "challenge"
        if self.type != "Password":
            return "other"
        return "otp" if self.generator or self.id.upper() == "OTP" else "pin"


class _Auth(_Answer):
    mode: Literal["implicit", "explicit", "oauth2code"]
    objects: tuple[_AuthObject, ...] = Field((), max_length=8)


class KeyDescription(_Answer):
    """The answer about a key. Version 1 says in `auth_mode`, `pin`, `otp` what version 2 says in `auth`."""

    model_config = ConfigDict(populate_by_name=True)

    key: _Key
    cert: _Certificates
    auth_mode: Literal["implicit", "explicit", "oauth2code"] = Field("implicit", alias="authMode")
    pin: _Presence = Field(_Presence(), alias="PIN")
    otp: _Presence = Field(_Presence(), alias="OTP")
    auth: _Auth | None = None

    @property
    def is_enabled(self) -> bool:
        return self.key.status == "enabled"

    @property
    def mode(self) -> str:
        return self.auth.mode if self.auth else self.auth_mode

    @property
    def factors(self) -> tuple[tuple[str, Factor], ...]:
        """The ids and kinds of what the key wants to hear."""
        if self.auth:
            return tuple((each.id, each.factor) for each in self.auth.objects)
        sent: Factor = "challenge" if self.otp.type == "online" else "otp"
        found: tuple[tuple[str, Factor, _Presence], ...] = (("PIN", "pin", self.pin), ("OTP", sent, self.otp))
        return tuple((id, factor) for id, factor, each in found if each.presence == "true")

    def missing(self, codes: Codes) -> RemoteFailure | None:
        """What the person must still type."""
        kinds = {kind for _, kind in self.factors}
        if self.mode == "oauth2code" or "other" in kinds:
            return RemoteFailure.WAY_UNSUPPORTED
        if "pin" in kinds and not codes.pin:
            return RemoteFailure.PIN_NEEDED
        return RemoteFailure.OTP_NEEDED if kinds - {"pin"} and not codes.otp else None

    def answers(self, codes: Codes) -> KeyCodes:
        """What the person typed, for each thing that the key wants to hear."""
        typed = {"pin": codes.pin, "otp": codes.otp, "challenge": codes.otp}
        found = {id: typed.get(factor) for id, factor in self.factors}
        return {id: value for id, value in found.items() if value}

    def algorithm_for(self, wanted: Algorithm, *, old_padding: bool) -> str | None:
        """The OID to sign by, for a certificate whose key signs by `wanted`; None if the provider offers none
        that is accepted."""
        old = (Algorithm.RS256,) if wanted is Algorithm.PS256 and old_padding else ()
        offered = (oid for each in (wanted, *old) for oid in _OIDS[each] if oid in self.key.algo)
        return next(offered, None)


class KeyIds(_Answer):
    credential_ids: tuple[Annotated[str, Field(min_length=1, max_length=500)], ...] = Field(
        alias="credentialIDs", max_length=100
    )


class Grant(_Answer):
    """The right to one signature (`sad`), or the `handle` by which to ask again later."""

    sad: SecretStr | None = Field(None, alias="SAD", min_length=1, max_length=8192)
    handle: str = Field("", max_length=2000)

    @model_validator(mode="after")
    def _either(self) -> Self:
        if self.sad is None and not self.handle:
            raise ValueError("neither a SAD nor a handle")
        return self


class Signatures(_Answer):
    signatures: tuple[Annotated[Base64Bytes, Field(max_length=2048)], ...] = Field(min_length=1, max_length=1)


class AccessToken(_Answer):
    access_token: SecretStr
    expires_in: int = Field(3600, ge=0)


class Refusal(_Answer):
    error: str = Field("", pattern=r"^[a-z_]{0,50}$")


def key_request(key: str) -> dict[str, Any]:
    return {"credentialID": key, "certificates": "chain", "certInfo": False, "authInfo": True}


@dataclass(frozen=True, slots=True)
class DigestToSign:
    """A digest by `hash_name`, which `key` signs by `algorithm` (OID). `title` tells the person what is
    signed."""

    key: str
    digest: bytes
    hash_name: str
    algorithm: str
    title: str

    def authorize_request(self, version: Version, codes: KeyCodes) -> dict[str, Any]:
        body = self._request(version) | {"numSignatures": 1, "description": self.title[:_LONGEST_TITLE]}
        given = {id: value.get_secret_value() for id, value in codes.items()}
        if version == "v1" or not given:
            return body | given
        return body | {"authData": [{"id": id, "value": value} for id, value in given.items()]}

    def sign_request(self, version: Version, sad: SecretStr) -> dict[str, Any]:
        body = self._request(version) | {"SAD": sad.get_secret_value(), "signAlgo": self.algorithm}
        if self.algorithm != _PSS:
            return body
        parameters = cms_algorithm(Algorithm.PS256)["parameters"].dump()
        return body | {"signAlgoParams": b64encode(parameters).decode()}

    def _request(self, version: Version) -> dict[str, Any]:
        names = ("hash", "hashAlgo") if version == "v1" else ("hashes", "hashAlgorithmOID")
        values = ([b64encode(self.digest).decode()], _HASHES[self.hash_name])
        return {"credentialID": self.key, **dict(zip(names, values, strict=True))}
