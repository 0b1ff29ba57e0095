"""What OCSP responses say about an earlier time."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from asn1crypto import ocsp
from pyhanko_certvalidator.revinfo.archival import OCSPContainer


def as_of(responses: Iterable[ocsp.OCSPResponse], moment: datetime) -> list[OCSPContainer]:
    return [
        PastStatus(each.ocsp_response_data, each.index, moment=moment)
        for response in responses
        for each in OCSPContainer.load_multi(response)
    ]


@dataclass(frozen=True)
class PastStatus(OCSPContainer):
    """A response as of `moment`: a certificate that was revoked later was good then, as it is by a list with
    that date. pyHanko alone takes such a response for no answer. The authority's signature is checked over
    the whole response, as it came."""

    moment: datetime = field(kw_only=True)

    def extract_single_response(self) -> ocsp.SingleResponse | None:
        said = super().extract_single_response()
        if said is None or not _is_revoked_after(said, self.moment):
            return said
        then = said.copy()
        then["cert_status"] = ocsp.CertStatus("good")
        return then


def _is_revoked_after(said: ocsp.SingleResponse, moment: datetime) -> bool:
    """False for a time without a zone, which can't be compared: whoever made it, it must not keep others'
    responses from being read."""
    if said["cert_status"].name != "revoked":
        return False
    revoked_at: datetime = said["cert_status"].chosen["revocation_time"].native
    return revoked_at.tzinfo is not None and revoked_at > moment
