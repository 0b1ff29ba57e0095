"""The settings of the signing service."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from services.signing.pades.usage import PURPOSES
from shared.runtime.settings import Settings, example
from shared.time.zones import ZoneName
from shared.vendor import EXAMPLE_CONTACT, VendorContact

_HOST = r"^[a-z0-9.-]+(:[0-9]{1,5})?$"
_MOST_FETCHES = 5
"""One after another in a signing request: responders, lists, the time stamp; responders and lists for it."""


_ADDRESS = (
    r"^(https://[A-Za-z0-9.-]+|http://(127\.0\.0\.1|localhost))(:[0-9]{1,5})?(/[A-Za-z0-9._~/-]*[^/])?$"
)


class RemoteProvider(BaseModel):
    """A provider of remote signatures (docs/how-to/remote-signing.md). `name` stands in stored sessions,
    `label` is the name for people. `url` is what stands before `/credentials/info`."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    name: str = Field(pattern=r"^[a-z0-9-]{1,30}$")
    label: str = Field(min_length=1, max_length=60)
    url: str = Field(pattern=_ADDRESS)
    version: Literal["v1", "v2"] = "v1"
    auth: Literal["none", "bearer", "oauth2"] = "none"
    client_id: str = ""
    secret: SecretStr = SecretStr("")
    token_url: str = Field("", pattern=rf"{_ADDRESS}|^$")
    asks_for: Literal["key", "user"] = "key"

    @property
    def token_address(self) -> str:
        return self.token_url or f"{self.url}/oauth2/token"

    @model_validator(mode="after")
    def _whole_auth(self) -> Self:
        given = bool(self.client_id), bool(self.secret.get_secret_value())
        if given != {"none": (False, False), "bearer": (False, True), "oauth2": (True, True)}[self.auth]:
            raise ValueError("auth none takes no secret, bearer a secret, oauth2 a client_id and a secret")
        return self


class SigningSettings(Settings):
    vendor: VendorContact = example(
        EXAMPLE_CONTACT, invented=("name", "phone", "email"), description="The vendor as pages name it (JSON)"
    )
    portal_url: str = example(
        "https://giahan.giahanso.example/renewal",
        invented=True,
        pattern=r"^https?://[!-~]+[^/]$",
        description="The pages of the renewal service, with a registration's at /registrations/ID",
    )
    sign_in_url: str = Field(
        "", pattern=r"^(https?://[^\s<>\"']+)?$", description="The platform's sign-in, for who comes without"
    )
    sign_in_origins: str = Field(
        "", description="Origins whose pages may hand people on to ours, with commas between"
    )
    tool_url: str = Field(
        "",
        pattern=r"^(https?://[^\s<>\"']+)?$",
        description="Where offices download the signing tool; empty: the page has no link",
    )
    trust_roots: Path = Field(description="PEM file of the national scheme's roots")
    trust_public_roots: Path | None = Field(
        None, description="PEM file of the roots of the public bodies' own certificates"
    )
    trust_intermediates: Path | None = Field(None, description="PEM file of the CAs under them")
    crls: Path | None = Field(None, description="Folder of revocation lists (*.crl)")
    require_revocation: bool = Field(False, description="Refuse certificates whose revocation no list covers")
    revocation_hosts: frozenset[Annotated[str, Field(pattern=_HOST)]] = Field(
        frozenset(),
        description="Hosts that are asked about revocation (OCSP, lists), with the port where it isn't the "
        "scheme's own (JSON); empty: nobody is asked",
    )
    tsa_url: str = Field(
        "",
        pattern=r"^(https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[!-~]*)?)?$",
        description="The time-stamping authority (RFC 3161), for signatures that hold (PAdES B-LT)",
    )
    require_long_term: bool = Field(
        False,
        description="Refuse to sign or seal while the time stamp or the revocation data can't be had; "
        "uploaded files get theirs later",
    )
    proof_margin: timedelta = Field(
        timedelta(days=90),
        gt=timedelta(0),
        description="How long before its newest time stamp stops counting a signed file gets a newer one",
    )
    fetch_seconds: float = Field(
        4, gt=0, le=60, description="Longest time for one request about revocation or for a time stamp"
    )
    signer_purposes: frozenset[Annotated[str, Field(pattern=r"^\d+(\.\d+)+$")]] = Field(
        PURPOSES,
        min_length=1,
        description="Extended key usages (OIDs): a certificate that names any needs one of these (JSON)",
    )
    seal_p12: Path | None = Field(None, description="The vendor's PKCS#12 file")
    seal_password: SecretStr = SecretStr("")
    seal_library: Path | None = Field(
        None, description="Instead of the file: the PKCS#11 library of the token or HSM with the vendor's key"
    )
    seal_token_label: str = Field("", description="The label of that token")
    seal_key_id: str = Field(
        "", pattern=r"^([0-9a-fA-F]{2})*$", description="The id of the key and its certificate (hexadecimal)"
    )
    seal_pin: SecretStr = Field(SecretStr(""), description="The PIN of that token")
    seal_signer_image: Path | None = Field(
        None, description="PNG with transparent ground: the signature of who signs for the vendor, in blue"
    )
    seal_image: Path | None = Field(
        None, description="PNG with transparent ground: the vendor's red seal, over a third of the signature"
    )
    seal_check_seconds: float = Field(
        60, gt=0, le=3600, description="Pause between two checks of the seal's certificate"
    )
    remote_providers: tuple[RemoteProvider, ...] = Field(
        (), description="Providers of remote signatures, confirmed on a phone (JSON); empty: none is offered"
    )
    remote_confirm_seconds: float = Field(
        180, ge=10, le=600, description="How long a person has to confirm a remote signature"
    )
    remote_poll_seconds: float = Field(
        2,
        gt=0,
        le=30,
        description="Pause between two questions to a provider about a confirmation",
    )
    kyso: bool = Field(False, description="The signing page also looks for MISA KYSO")
    old_padding: bool = Field(True, description="Accept RSA signatures with PKCS#1 v1.5, with a warning")
    attempt_lifetime: timedelta = Field(
        timedelta(minutes=30),
        gt=timedelta(0),
        le=timedelta(days=1),
        description="How long the signature of an attempt is accepted",
    )
    stamp_zone: ZoneName = Field("Asia/Ho_Chi_Minh", description="IANA zone of the times on stamps")
    pdf_processes: int = Field(2, ge=1, le=32, description="Processes that read and write PDFs")
    pdf_seconds: float = Field(
        20, gt=0, le=120, description="Longest time for one PDF; then its process is killed"
    )
    wait_seconds: float = Field(
        10, gt=0, description="Time for the rest of a signing request: a free process, the saves"
    )

    @property
    def answer_seconds(self) -> float:
        """The longest time that a signing request may take."""
        fetches = _MOST_FETCHES * self.fetch_seconds if self.revocation_hosts or self.tsa_url else 0
        return self.pdf_seconds + self.wait_seconds + fetches

    @model_validator(mode="after")
    def _distinct_providers(self) -> Self:
        names = [each.name for each in self.remote_providers]
        if len(set(names)) < len(names):
            raise ValueError("GIAHAN_REMOTE_PROVIDERS: two of one name")
        return self

    @model_validator(mode="after")
    def _whole_seal(self) -> Self:
        file = bool(self.seal_p12), bool(self.seal_password.get_secret_value())
        token = (self.seal_library, self.seal_token_label, self.seal_key_id, self.seal_pin.get_secret_value())
        if any(file) == any(token) or not (all(file) or all(token)):
            raise ValueError(
                "set either GIAHAN_SEAL_P12 and GIAHAN_SEAL_PASSWORD, or GIAHAN_SEAL_LIBRARY, "
                "GIAHAN_SEAL_TOKEN_LABEL, GIAHAN_SEAL_KEY_ID and GIAHAN_SEAL_PIN"
            )
        return self

    @model_validator(mode="after")
    def _whole_evidence(self) -> Self:
        if self.tsa_url and not (self.revocation_hosts or self.crls):
            raise ValueError("GIAHAN_TSA_URL needs GIAHAN_REVOCATION_HOSTS or GIAHAN_CRLS")
        if self.require_revocation and not (self.revocation_hosts or self.crls):
            raise ValueError("GIAHAN_REQUIRE_REVOCATION needs GIAHAN_REVOCATION_HOSTS or GIAHAN_CRLS")
        if self.require_long_term and not self.tsa_url:
            raise ValueError("GIAHAN_REQUIRE_LONG_TERM needs GIAHAN_TSA_URL")
        return self
