"""The documents that we issue, sign and seal, each as its service makes it."""

from dataclasses import dataclass

from deploy.local.demo.scanner import feeder_pdf, scan_pages
from deploy.local.people.pki import Credential
from services.renewal.render.preview import samples
from services.renewal.render.renderer import Renderer
from services.renewal.scans.limits import ONE_FORM
from services.renewal.scans.scans import Scans
from services.signing.contracts.seal import Seal, seal_contract
from services.signing.domain.level import SignatureLevel
from services.signing.pades.deferred_signer import DeferredSigner
from services.signing.pades.long_term.preserver import Preserver
from services.signing.pades.stamp.appearance import PLAIN, StampDetails
from shared.time.clock import Clock
from tests.judges.case import Shelf
from tests.judges.token import TokenTool

FIELD = "office"
_LINE = "hcsn"


async def issue(shelf: Shelf) -> None:
    """Write `form.pdf`, `contract.pdf` and `contract-assent.pdf`, the contract that the office signs too."""
    renderer = Renderer(processes=1, limit=120)
    try:
        shelf.write("form.pdf", await renderer.form(samples.form("short", _LINE)))
        shelf.write("contract.pdf", await renderer.contract(samples.contract("short", _LINE)))
        shelf.write("contract-assent.pdf", await renderer.contract(samples.contract("assent", _LINE)))
    finally:
        await renderer.close()


async def bind_scans(shelf: Shelf) -> None:
    """Write `scan.pdf` and `photo.pdf`: what is kept of a form that was printed, stamped and scanned."""
    form = shelf.read("form.pdf")
    scan = feeder_pdf(scan_pages(form, seed=1, sealed=True))
    photo = scan_pages(form, seed=2, sealed=True, skew=2.0, noise=4.0, shadow=0.3)[0]
    scans = Scans(processes=1, limit=120)
    try:
        for name, upload in (("scan.pdf", scan), ("photo.pdf", photo)):
            pages = await scans.read_pages(upload, ONE_FORM)
            shelf.write(name, await scans.document([page.image for page in pages]))
    finally:
        await scans.close()


@dataclass(frozen=True, slots=True)
class Signatory:
    """Signs as our services do: the office through an attempt with the signing tool, the vendor with its
    seal. The files are named without `.pdf`."""

    shelf: Shelf
    deferred_signer: DeferredSigner
    tool: TokenTool
    seal: Seal
    clock: Clock

    async def sign(self, issued: str, who: Credential, signed: str) -> None:
        """Write the signed file, and beside it the digest and the signature of the token (`.digest`,
        `.signature`)."""
        pdf, moment = self.shelf.read(f"{issued}.pdf"), self.clock.now()
        _, prepared = await self.deferred_signer.begin(pdf, FIELD, who.chain, moment)
        value = await self.tool.sign(who, prepared.digest, prepared.algorithm)
        finished = await self.deferred_signer.finish(
            pdf, FIELD, prepared.pdf, prepared.resumable, prepared.algorithm, value, moment
        )
        self.shelf.write(f"{signed}.pdf", finished.pdf)
        self.shelf.write(f"{signed}.digest", prepared.digest)
        self.shelf.write(f"{signed}.signature", value)

    async def countersign(self, contract: str, sealed: str, details: StampDetails = PLAIN) -> None:
        pdf = self.shelf.read(f"{contract}.pdf")
        made = await seal_contract(self.seal, self.deferred_signer, pdf, self.clock.now(), details)
        self.shelf.write(f"{sealed}.pdf", made.pdf)

    async def preserve(self, signed: str, level: SignatureLevel, preserved: str) -> None:
        """Write the file, whose signatures are of that level, with newer proof."""
        pdf = self.shelf.read(f"{signed}.pdf")
        made = await Preserver(self.deferred_signer).preserve(pdf, level, self.clock.now())
        self.shelf.write(f"{preserved}.pdf", made.pdf)
