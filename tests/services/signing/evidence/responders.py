"""An authority's responders over real HTTP: OCSP, revocation list and time stamps, honest or not."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from asn1crypto import keys, ocsp, tsp
from asn1crypto import x509 as asn1
from certomancer.services import (
    RevocationInfoInterface,
    SimpleOCSPResponder,
    TimeStamper,
    choose_signed_digest,
)
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID
from fastapi import FastAPI, Request, Response
from fastapi.responses import StreamingResponse

from deploy.local.people.authority import Authority, key_usage, subject
from deploy.local.people.pki import FROM, UNTIL, Credential, Holder, Key, Kind, Pki, new_key
from shared.time.clock import Clock
from tests.support.browser import serve_on_port

Answer = Callable[[Request, bytes], Awaitable[Response]]

STAMPING = x509.Extension(
    ExtendedKeyUsageOID.TIME_STAMPING, True, x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
)


@dataclass(slots=True)
class Responders:
    """`ocsp`, `crl` and `tsa` are how each answers; they begin honest. `revoked` are serial numbers, by OCSP
    since `revoked_at`. `asked` counts the requests by path. Answers are of `moment`, or of the present time
    of `clock`."""

    pki: Pki
    moment: datetime
    clock: Clock | None = None
    url: str = ""
    revoked: set[int] = field(default_factory=set)
    revoked_at: datetime = FROM
    asked: Counter[str] = field(default_factory=Counter)
    signing: Authority | None = None
    stamping: Credential | None = None
    ocsp: Answer = field(init=False)
    crl: Answer = field(init=False)
    tsa: Answer = field(init=False)

    def __post_init__(self) -> None:
        self.be_honest()

    def be_honest(self) -> None:
        self.ocsp, self.crl, self.tsa = self.honest_ocsp, self.honest_crl, self.honest_tsa
        self.revoked.clear()
        self.revoked_at = FROM
        self.asked.clear()
        self.signing, self.stamping = self.pki.issuing, None

    @property
    def _now(self) -> datetime:
        return self.clock.now() if self.clock else self.moment

    @property
    def host(self) -> str:
        return self.url.removeprefix("http://")

    def issue(
        self,
        file: str,
        *,
        by: Authority | None = None,
        purposes: x509.Extension[x509.ExtendedKeyUsage] | None = None,
        responds: bool = True,
        lists: bool = True,
        host: str = "",
        holder: Holder | None = None,
        kind: Kind = "p256",
        until: datetime = UNTIL,
    ) -> Credential:
        """A certificate that names these responders, or those of another host."""
        authority, url, key = by or self.pki.issuing, f"http://{host}" if host else self.url, new_key(kind)
        who = holder or Holder(f"Sở {file}", ("MST:0101243150-001",))
        extensions: list[tuple[x509.ExtensionType, bool]] = [
            (x509.BasicConstraints(ca=False, path_length=None), True),
            (key_usage("digital_signature"), True),
            (x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key()), False),
        ]
        extensions += [(purposes.value, purposes.critical)] if purposes else []
        extensions += [(_responder(f"{url}/ocsp"), False)] if responds else []
        extensions += [(_list_at(f"{url}/crl"), False)] if lists else []
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject(who.name, who.uids))
            .issuer_name(authority.certificate.subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(FROM)
            .not_valid_after(until)
        )
        for extension, critical in extensions:
            builder = builder.add_extension(extension, critical)
        return self._credential(file, key, builder.sign(authority.key, SHA256()), authority)

    def _credential(
        self, file: str, key: Key, certificate: x509.Certificate, authority: Authority
    ) -> Credential:
        path, password = self.pki.folder / "keys" / f"{file}.p12", self.pki.password
        chain = [certificate, authority.certificate]
        path.write_bytes(
            pkcs12.serialize_key_and_certificates(
                None, key, certificate, chain[1:], BestAvailableEncryption(password.encode())
            )
        )
        return Credential(
            path, password, key, certificate, tuple(each.public_bytes(Encoding.DER) for each in chain)
        )

    async def honest_ocsp(self, request: Request, body: bytes) -> Response:
        return Response(self.ocsp_response(body))

    def ocsp_response(self, body: bytes) -> bytes:
        assert self.signing is not None
        certificate = _asn1(self.signing.certificate)
        responder = SimpleOCSPResponder(
            certificate,
            _private(self.signing.key),
            choose_signed_digest("sha256", certificate.public_key),
            self._now,
            _Status(_asn1(self.pki.issuing.certificate), self.revoked, self.revoked_at),
        )
        return bytes(responder.build_ocsp_response(ocsp.OCSPRequest.load(body)).dump())

    async def honest_crl(self, request: Request, body: bytes) -> Response:
        return Response(self.pki.issuing.revocations(self.revoked, (FROM, UNTIL)))

    async def honest_tsa(self, request: Request, body: bytes) -> Response:
        return Response(self.time_stamp(body))

    def time_stamp(self, body: bytes, at: datetime | None = None) -> bytes:
        """The response to this request, made by `stamping`."""
        self.stamping = self.stamping or self.issue("tsa", purposes=STAMPING)
        own, *others = map(asn1.Certificate.load, self.stamping.chain)
        stamper = TimeStamper(
            own, _private(self.stamping.key), certs_to_embed=others, fixed_dt=at or self._now
        )
        return bytes(stamper.request_tsa_response(tsp.TimeStampReq.load(body)).dump())


@dataclass(frozen=True, slots=True)
class _Status(RevocationInfoInterface):
    """What the responder knows of a certificate."""

    issuer: asn1.Certificate
    revoked: set[int]
    revoked_at: datetime

    def get_issuer_cert(self) -> asn1.Certificate:
        return self.issuer

    def check_revocation_status(
        self, cid: ocsp.CertId, at_time: datetime
    ) -> tuple[ocsp.CertStatus, list[Any]]:
        if cid["serial_number"].native not in self.revoked:
            return ocsp.CertStatus("good"), []
        info = ocsp.RevokedInfo({"revocation_time": self.revoked_at, "revocation_reason": "key_compromise"})
        return ocsp.CertStatus("revoked", info), []


@asynccontextmanager
async def serve(responders: Responders) -> AsyncIterator[Responders]:
    """Serve them on a free port, which stands in the certificates that they issue from then on."""
    app = FastAPI()

    @app.api_route("/{name}", methods=["GET", "POST"])
    async def answer(name: str, request: Request) -> Response:
        responders.asked[name] += 1
        found: Answer = getattr(responders, name)
        return await found(request, await request.body())

    async with serve_on_port(app) as responders.url:
        yield responders


def saying(content: bytes, status: int = 200) -> Answer:
    async def answer(request: Request, body: bytes) -> Response:
        return Response(content, status)

    return answer


def leading_to(url: str) -> Answer:
    async def answer(request: Request, body: bytes) -> Response:
        return Response(status_code=307, headers={"location": url})

    return answer


async def hang(request: Request, body: bytes) -> Response:
    """Answer nothing until the client is gone."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
    return Response()


async def die(request: Request, body: bytes) -> Response:
    """Cut the connection within the answer."""

    async def parts() -> AsyncIterator[bytes]:
        yield b"\x30\x82"
        raise ConnectionAbortedError

    return StreamingResponse(parts(), headers={"content-length": "4096"})


async def drip(request: Request, body: bytes) -> Response:
    """Send until the client is gone."""

    async def parts() -> AsyncIterator[bytes]:
        while not await request.is_disconnected():
            yield b"\x30" * 2**16
            await asyncio.sleep(0)

    return StreamingResponse(parts())


def _responder(url: str) -> x509.AuthorityInformationAccess:
    access = x509.AccessDescription(AuthorityInformationAccessOID.OCSP, x509.UniformResourceIdentifier(url))
    return x509.AuthorityInformationAccess([access])


def _list_at(url: str) -> x509.CRLDistributionPoints:
    return x509.CRLDistributionPoints(
        [x509.DistributionPoint([x509.UniformResourceIdentifier(url)], None, None, None)]
    )


def _asn1(certificate: x509.Certificate) -> asn1.Certificate:
    return asn1.Certificate.load(certificate.public_bytes(Encoding.DER))


def _private(key: Key) -> keys.PrivateKeyInfo:
    return keys.PrivateKeyInfo.load(key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()))
