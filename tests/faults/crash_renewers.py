"""Offices that sign while processes die: each asks all that its page or its program would ask."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO

import httpx

from deploy.local.host.problem import StackProblem
from tests.faults.authority import CertifiedRenewer, encoded
from tests.faults.script_caller import ScriptCaller
from tests.services.signing.signer import signed_elsewhere
from tools.dossier.archive import read_archive
from tools.dossier.check import check_dossier


@dataclass(frozen=True, slots=True)
class PageRenewer(CertifiedRenewer):
    """Loads the signing page and its picture, has its certificate judged, signs the digest, reads the reports
    on the signature, and fetches the dossier. `mark` is called between what it asks: each part may die of its
    own points."""

    caller: ScriptCaller
    mark: Callable[[str], None]

    def sign(self, registration: str, holding: Callable[[], None]) -> str:
        form = self.form_to_sign(registration)
        self._read_page(registration)
        self.mark("page read")
        chains = {"chains": [encoded(self.certify())]}
        self.caller.post("signing", f"{form}/certificates", self.person, chains)
        self.mark("certificates judged")
        algorithm = CertifiedRenewer.sign(self, registration, holding)
        self.mark("signed")
        self.caller.load("signing", f"/signing/forms/{registration}", self.person)  # it names who signed
        self.mark("signed page read")
        self._read_reports(f"{form}/report", self.document(registration, "signed_form"))
        self.mark("reports read")
        self._fetch_dossier(registration)
        return algorithm

    def _read_page(self, registration: str) -> None:
        page = f"/signing/forms/{registration}"
        shown = self.caller.load("signing", page, self.person)
        issued = sha256(self.document(registration, "form")).hexdigest()
        picture = f"{page}/{issued}/1.png"
        if picture.encode() not in shown:
            raise StackProblem("trang ký số thiếu ảnh phiếu", f"the signing page lacks {picture}")
        if not self.caller.load("signing", picture, self.person).startswith(b"\x89PNG"):
            raise StackProblem("ảnh của phiếu sai", "the form's picture is no PNG")

    def _fetch_dossier(self, registration: str) -> None:
        """The ZIP of the dossier, as far as it goes: it holds together."""
        archive = self.caller.load(
            "renewal", f"/renewal/registrations/{registration}/dossier.zip", self.person
        )
        with read_archive(BytesIO(archive)) as files:
            found = check_dossier(files)
        if found.findings or found.missing:
            raise StackProblem("hồ sơ không nguyên vẹn", f"the dossier is not intact: {found}")

    def _read_reports(self, report: str, signed: bytes) -> None:
        """The report on the signed form, the same as a PDF, and the one on a changed copy of it."""
        self.caller.get("signing", report, self.person)
        self.mark("report read")
        if not self.caller.print("signing", report, self.person).startswith(b"%PDF"):
            raise StackProblem("báo cáo không phải PDF", "the printed report is no PDF")
        self.mark("report printed")
        changed = signed.replace(b"/MediaBox [ 0 0 595", b"/MediaBox [ 0 0 594")
        self.caller.upload("signing", "/v1/reports", self.person, changed, "application/pdf")


@dataclass(frozen=True, slots=True)
class TransferRenewer(CertifiedRenewer):
    """Lets a program fetch the form, sign it and return it."""

    caller: ScriptCaller
    mark: Callable[[str], None]

    def sign(self, registration: str, holding: Callable[[], None]) -> str:
        self.form_to_sign(registration)
        opening = f"/signing/api/forms/{registration}/transfers"
        opened = self.caller.script("signing", opening, self.person)
        self.mark("transfer opened")
        form = self.caller.load("signing", opened["document"], self.person)
        signed = asyncio.run(signed_elsewhere(form, self.certify()))
        holding()
        sent = httpx.Request("POST", "http://localhost", files={"file": ("form.pdf", signed)})
        answer = self.caller.upload(
            "signing", opened["upload"], self.person, sent.read(), sent.headers["content-type"]
        )
        if not answer["Status"]:
            raise StackProblem(answer["Message"], f"the signed file was refused: {answer['Message']}")
        return "ES256"
