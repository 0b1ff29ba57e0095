"""Tells which answers about revocation are those of a certificate's own authority: anybody on the way can
forge one, and anybody can put one into a file."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from asn1crypto import x509
from pyhanko_certvalidator.errors import RevokedError
from pyhanko_certvalidator.path import ValidationPath
from pyhanko_certvalidator.revinfo.validate_crl import verify_crl
from pyhanko_certvalidator.revinfo.validate_ocsp import verify_ocsp_response

from services.signing.pades.certificates import CertificateChain, find_path, validation_context
from services.signing.pades.revocation.answers import RevocationAnswer
from services.signing.pades.revocation.questions import RevocationQuestion, ask_about
from services.signing.pades.trust import TrustSettings
from shared.resilience.errors import Transient


async def is_authentic(
    answer: RevocationAnswer,
    certificate: x509.Certificate,
    path: ValidationPath,
    trust: TrustSettings,
    moment: datetime,
) -> bool:
    """Whether this answer alone says, for `moment`, that the certificate on the path is good or revoked, and
    its authority signed it, or whom that lets answer. Whether these are revoked is not looked at."""
    verify = verify_ocsp_response if answer.kind == "ocsp" else verify_crl
    try:
        context = validation_context(replace(trust, crls=None, answers=(answer,)), moment, later=True)
        await verify(certificate, path, context)
    except RevokedError:
        return True
    except (Transient, MemoryError):
        raise
    except Exception:  # it is about another certificate, forged, outdated or damaged
        return False
    return True


async def find_authentic(
    chains: Iterable[CertificateChain], trust: TrustSettings, moment: datetime
) -> list[RevocationAnswer]:
    """The answers of `trust` that are authentic for the certificate about which they were asked: one on the
    path of one of the chains to our roots, without the root."""
    paths = [path for chain in chains if (path := await find_path(chain, trust, moment))]
    asked = [(question, each, path) for path in paths for question, each in _questions(path)]
    return [
        answer
        for answer in trust.answers
        if any(
            [
                await is_authentic(answer, each, path, trust, moment)
                for question, each, path in asked
                if question.may_come_from(answer.source)
            ]
        )
    ]


def _questions(path: ValidationPath) -> list[tuple[RevocationQuestion, x509.Certificate]]:
    """Empty if a certificate is damaged: then nobody was asked about the others either."""
    try:
        return [(ask_about(each, path), each) for each in path.iter_certs(include_root=False)]
    except MemoryError:
        raise
    except Exception:  # it makes asn1crypto raise nearly anything
        return []
