"""What honest authorities write can be used."""

from datetime import UTC, datetime

from asn1crypto import crl, x509

from deploy.local.people.pki import FROM, Holder, Pki
from services.signing.pades.tolerance.usability import check_certificate, check_list

_NEVER = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
"""RFC 5280, 4.1.2.5: no end is known."""


def test_end_that_never_comes(pki: Pki) -> None:
    who = pki.credential("never-ends", Holder("Sở"), kind="p256", period=(FROM, _NEVER))
    check_certificate(x509.Certificate.load(who.chain[0]))
    check_list(crl.CertificateList.load(pki.issuing.revocations((), (FROM, _NEVER))))
