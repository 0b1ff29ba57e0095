"""A locked office renews while an authority fails: when the office signs, or when the vendor seals."""

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import ClassVar

from asn1crypto import cms
from pyhanko.pdf_utils.reader import PdfFileReader

from deploy.local.demo.evidence import EvidenceLine
from deploy.local.demo.walks.walk import Step, Walk
from deploy.local.host.conditions import require, until
from deploy.local.people.caller import CallRefused
from tests.faults.authority import CertifiedRenewer
from tests.faults.authority_faults import AuthorityFault, failing

_REFUSALS = ("evidence-unavailable", "certificate-unchecked")


@dataclass(slots=True, kw_only=True)
class SealedWalk(Walk):
    """Checks that both signatures have their proof."""

    told_once: ClassVar[tuple[str, ...]] = ("registered", "contract")

    def _issue(self, step: int) -> EvidenceLine:
        line = Walk._issue(self, step)
        for kind in ("signed_form", "sealed_contract"):
            pdf = self.scene.renewer.document(self._registration, kind)
            require(_is_proven(pdf), f"{kind}: thiếu bằng chứng", f"{kind}: not PAdES B-LT")
        return line


@dataclass(slots=True, kw_only=True)
class ProvenWalk(SealedWalk):
    """`renewer` is the scene's. `restart` kills the signing service and starts it again."""

    renewer: CertifiedRenewer
    fault: AuthorityFault
    restart: Callable[[], None]

    def _sequence(self) -> tuple[Step, ...]:
        return (self._register, self._sign_at_last, self._issue, self._restore)

    def _sign_at_last(self, step: int) -> EvidenceLine:
        with failing(self.renewer.authority, self.fault, self.restart) as struck:
            if self.fault.honest:
                signed = self._sign(step)
            else:
                self._be_refused()
            until(struck, f"sự cố {self.fault.name}", f"fault {self.fault.name}")
        return signed if self.fault.honest else self._sign(step)

    def _be_refused(self) -> None:
        """Nothing can be proved now, so the service must refuse the signature."""
        try:
            self.renewer.sign(self._registration, lambda: None)
        except CallRefused as refused:
            kind = str(refused.body.get("type")).rpartition(":")[2]
            require(kind in _REFUSALS, f"lý do từ chối: {kind}", f"refused because of {kind}")
        else:
            require(False, "chữ ký không có bằng chứng", "signed without proof")


def _is_proven(pdf: bytes) -> bool:
    """Whether each signature has its time stamp, and the file the data about revocation."""
    reader = PdfFileReader(BytesIO(pdf))
    signers = [each.signer_info for each in reader.embedded_regular_signatures]
    return "/DSS" in reader.root and bool(signers) and all(map(_is_stamped, signers))


def _is_stamped(signer: cms.SignerInfo) -> bool:
    return "signature_time_stamp_token" in {each["type"].native for each in signer["unsigned_attrs"]}
