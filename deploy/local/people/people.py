"""Simulates the platform's sign-in: seeded people, and tokens signed with a key that was made on this
machine."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from joserfc import jwt
from joserfc.jwk import ECKey

from shared.ids import fresh
from shared.runtime.settings import LOCAL_AUDIENCE, LOCAL_ISSUER
from shared.time.clock import SystemClock
from shared.web.people import Role

TOKEN_SECONDS = 8 * 3600
SHOWN_OFFICES = 6


@dataclass(frozen=True, slots=True)
class SeededPerson:
    """`name` is Vietnamese and English; `office_ref` is None for the vendor's people."""

    id: str
    name: tuple[str, str]
    office_ref: str | None
    roles: tuple[Role, ...]


def _vendor_person(id: str, role: Role, vi: str, en: str) -> SeededPerson:
    return SeededPerson(id, (vi, en), None, (role,))


# Two of each, because some decisions need two people.
_VENDORS_PEOPLE = (
    _vendor_person("desk", Role.DESK, "Bàn gia hạn của nhà cung cấp", "The vendor's renewals desk"),
    _vendor_person("desk-2", Role.DESK, "Bàn gia hạn, người thứ hai", "The renewals desk, a second person"),
    _vendor_person("ops", Role.OPS, "Vận hành của nhà cung cấp", "The vendor's operations"),
    _vendor_person("ops-2", Role.OPS, "Vận hành, người thứ hai", "Operations, a second person"),
)
VENDOR = {person.id: person for person in _VENDORS_PEOPLE}
_EINVOICE = _vendor_person("einvoice", Role.EINVOICE, "Hệ thống hóa đơn điện tử", "The e-invoice system")
"""A system, so no page offers it."""


class People:
    """Two people for each office, and the vendor's people. `offices` maps office_ref to name; the first few
    are listed."""

    def __init__(self, key: ECKey, offices: Mapping[str, str]) -> None:
        self._key = key
        self._offices = offices

    def find(self, id: str) -> SeededPerson:
        """The person with this id: one of VENDOR, the system `einvoice`, `renewer-OFFICE_REF` or
        `member-OFFICE_REF`. Any office may be named.

        Raises LookupError.
        """
        if id in VENDOR:
            return VENDOR[id]
        if id == _EINVOICE.id:
            return _EINVOICE
        role, _, office_ref = id.partition("-")
        if role not in (Role.RENEWER, Role.MEMBER) or not office_ref:
            raise LookupError(id)
        name = self._offices.get(office_ref, office_ref)
        who = ("Người phụ trách gia hạn", "Renewer") if role == Role.RENEWER else ("Nhân viên", "Member")
        return SeededPerson(id, (f"{who[0]}, {name}", f"{who[1]}, {name}"), office_ref, (Role(role),))

    def seeded(self, office_ref: str = "") -> list[SeededPerson]:
        """The vendor's people and those of the first few offices, or of one office."""
        refs = [office_ref] if office_ref else list(self._offices)[:SHOWN_OFFICES]
        theirs = [self.find(f"{role}-{ref}") for ref in refs for role in (Role.RENEWER, Role.MEMBER)]
        return [*VENDOR.values(), *theirs]

    def token(self, person: SeededPerson) -> str:
        """A JWT for the person, valid for TOKEN_SECONDS of real time."""
        now = int(SystemClock().now().timestamp())
        claims = {
            "iss": LOCAL_ISSUER,
            "aud": LOCAL_AUDIENCE,
            "jti": str(fresh()),
            "sub": person.id,
            "office_ref": person.office_ref,
            "roles": list(person.roles),
            "iat": now,
            "exp": now + TOKEN_SECONDS,
        }
        header = {"alg": "ES256", "kid": self._key.thumbprint()}
        return jwt.encode(header, claims, self._key)

    def jwks(self) -> dict[str, object]:
        """The public key set, as the services fetch it."""
        public = self._key.as_dict(private=False, kid=self._key.thumbprint(), use="sig", alg="ES256")
        return {"keys": [public]}


def signing_key(file: Path) -> ECKey:
    """The key in `file`, created on first use. Only the owner can read it."""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        draft = file.with_suffix(f".{os.getpid()}")
        key = ECKey.generate_key("P-256", private=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
            out.write(key.as_pem(private=True))
        draft.replace(file)
    return ECKey.import_key(file.read_bytes())
