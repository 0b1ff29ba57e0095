"""One hearing: the documents are made, signed, uploaded and attacked, and the judges asked."""

import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from pathlib import Path

import httpx

from services.signing.domain.level import SignatureLevel
from services.signing.evidence.downloads import Downloads
from services.signing.evidence.source import Authorities
from services.signing.pades.deferred_signer import DeferredSigner
from services.signing.pades.worker_tasks import configure_worker
from shared.background.workers import Workers
from shared.time.clock import SystemClock
from tests.judges.case import DSS, OPENSC, OURS, PDFSIG, REPORT, VERAPDF, Judge, Shelf, Verdict
from tests.judges.cases import CASES
from tests.judges.documents import Signatory, bind_scans, issue
from tests.judges.dss import Dss, run_dss
from tests.judges.judges import Judges
from tests.judges.parties import SCHOOL, Parties
from tests.judges.token import run_token_tool
from tests.judges.uploads import attack, sign_with_doubt, sign_with_pyhanko
from tests.services.signing.evidence.responders import Responders, serve
from tests.services.signing.images import decorated
from tests.support.poppler import NssDatabase, make_database


async def judge_all(shelf: Shelf, parties: Parties, scratch: Path) -> list[Verdict]:
    """Make all documents and ask each judge about its part. `scratch` is for keys and tokens."""
    database = make_database(scratch / "nss")
    database.add_key(parties.school)
    database.trust(parties.pki.trust_roots)
    clock = SystemClock()
    async with (
        serve(Responders(parties.pki, clock.now())) as responders,
        httpx.AsyncClient(follow_redirects=False) as client,
        _deferred_signer(parties) as signer,
        run_token_tool(scratch / "token", parties.office, parties.branch) as tool,
    ):
        with run_dss(parties.pki, parties.office) as dss:
            with _step("forms, contracts and scans"):
                await issue(shelf)
                await bind_scans(shelf)
            with _step("signatures, seals, uploads and attacks"):
                await _sign(parties, Signatory(shelf, signer, tool, parties.seal, clock))
                _sign_elsewhere(shelf, parties, dss, database)
                await attack(shelf, parties.stranger)
                await sign_with_doubt(shelf, parties)
            with _step("time stamps and newer proof"):
                responders.moment = clock.now()
                prover = replace(signer, evidence=_authorities(responders, client))
                await _prove(parties, Signatory(shelf, prover, tool, parties.seal, clock))
            return await _ask_all(Judges(shelf, parties, dss, database, tool, signer, clock))


@asynccontextmanager
async def _deferred_signer(parties: Parties) -> AsyncIterator[DeferredSigner]:
    workers = Workers(1, limit=120, prepare=configure_worker)
    try:
        yield DeferredSigner(workers, lambda: parties.policy)
    finally:
        await workers.close()


async def _sign(parties: Parties, signatory: Signatory) -> None:
    await signatory.sign("form", parties.office, "form-signed")
    await signatory.sign("form", parties.branch, "form-signed-p256")
    await signatory.countersign("contract", "contract-sealed")
    await signatory.countersign("contract", "contract-sealed-images", decorated("000123/2026/HĐ-GH"))
    await signatory.sign("contract-assent", parties.office, "contract-assent-signed")
    await signatory.countersign("contract-assent-signed", "contract-assent-sealed")


def _authorities(responders: Responders, client: httpx.AsyncClient) -> Authorities:
    downloads = Downloads(client, frozenset({responders.host}), seconds=30)
    return Authorities(downloads, f"{responders.url}/tsa")


async def _prove(parties: Parties, signatory: Signatory) -> None:
    """The same documents with a time-stamping authority, and the versions with newer proof."""
    long_term, archival = SignatureLevel.LONG_TERM, SignatureLevel.ARCHIVAL
    await signatory.sign("form", parties.office, "form-long-term")
    await signatory.preserve("form-long-term", long_term, "form-archival")
    await signatory.preserve("form-archival", archival, "form-archival-twice")
    await signatory.sign("contract-assent", parties.office, "contract-assent-long-term")
    await signatory.countersign("contract-assent-long-term", "contract-assent-sealed-long-term")
    await signatory.preserve("contract-assent-sealed-long-term", long_term, "contract-assent-archival")
    await signatory.preserve("upload-pyhanko", SignatureLevel.BASIC, "upload-archival")


def _sign_elsewhere(shelf: Shelf, parties: Parties, dss: Dss, database: NssDatabase) -> None:
    form = shelf.path("form.pdf")
    database.sign(form, shelf.path("upload-pdfsig.pdf"), SCHOOL)
    sign_with_pyhanko(form, parties.school, shelf.path("upload-pyhanko.pdf"))
    dss.sign(form, shelf.path("upload-dss.pdf"))


async def _ask_all(judges: Judges) -> list[Verdict]:
    asked: dict[str, Judge] = {
        VERAPDF: judges.ask_verapdf,
        DSS: judges.ask_dss,
        PDFSIG: judges.ask_pdfsig,
        OPENSC: judges.ask_opensc,
        OURS: judges.ask_us,
        REPORT: judges.ask_report,
    }
    verdicts: list[Verdict] = []
    for name, ask in asked.items():
        mine = {case.file: case.expected[name] for case in CASES if name in case.expected}
        with _step(f"{name} judges {len(mine)} files"):
            said = await ask(list(mine))
        verdicts += [
            Verdict(file=file, judge=name, expected=expected, said=said[file])
            for file, expected in mine.items()
        ]
    return verdicts


@contextmanager
def _step(what: str) -> Iterator[None]:
    """Print what is being done, and how long it took."""
    print(f"• {what} … ", end="", flush=True)
    began = time.monotonic()
    yield
    print(f"{time.monotonic() - began:.1f} s", flush=True)
