"""Signatures of the service's own paths against bare pyHanko, and against EU DSS on the same files.

Bare pyHanko has its key in memory and crosses no process boundary. For `signature_seal` and
`signature_attempt` it does the same work: the same visible stamp, a signature, and its own validation of the
result; the service also checks the certificate first and compares the result with the issued file. For
`signature_only` it draws no stamp and checks nothing: the ratio says what all of that costs.

EU DSS signs in an invisible field without checking the result. It validates without comparing with an issued
file, and builds its reports.
"""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from services.signing.contracts.seal import FIELD, Seal, seal_contract
from services.signing.pades.deferred_signer import DeferredSigner
from services.signing.pades.inspection.inspector import Inspector
from services.signing.pades.mechanisms import sign
from services.signing.pades.worker_tasks import configure_worker
from shared.background.workers import Workers
from shared.runtime.settings import Settings
from shared.time.clock import SystemClock
from tests.bench.bare_signature import BareSigner
from tests.bench.report import large_form, report, validate
from tests.bench.result import Result, compare, limit
from tests.bench.servers import Rate, alternate
from tests.judges.documents import FIELD as OFFICE
from tests.judges.dss import Dss, dss_version, run_dss
from tests.judges.parties import Parties, make_parties
from tests.services.signing.paper import issued

ROUNDS = 9
WARMING = 30
MANY = 200
_EACH = 5


async def run(settings: Settings) -> list[Result]:
    with TemporaryDirectory() as name:
        folder = Path(name)
        parties = make_parties(folder / "pki")
        workers = Workers(1, limit=120, prepare=configure_worker)
        ours = OurSignatures(parties, parties.seal, DeferredSigner(workers, lambda: parties.policy))
        try:
            with run_dss(parties.pki, parties.office) as dss:
                return [
                    *await _beside_pyhanko(parties, ours),
                    *await _beside_dss(ours, dss, folder),
                    await _report(parties, ours),
                    await _memory(parties),
                ]
        finally:
            await workers.close()


@dataclass(frozen=True, slots=True)
class OurSignatures:
    """The service's steps, with the key of the office in this process instead of on its computer."""

    parties: Parties
    seal: Seal
    deferred_signer: DeferredSigner

    @property
    def inspector(self) -> Inspector:
        signer = self.deferred_signer
        return Inspector(signer.workers, signer.current_policy, signer.evidence)

    async def seal_one(self) -> None:
        await seal_contract(self.seal, self.deferred_signer, issued(FIELD), SystemClock().now())

    async def sign_one(self) -> bytes:
        """A form signed through an attempt."""
        pdf, who, moment = issued(OFFICE), self.parties.office, SystemClock().now()
        _, prepared = await self.deferred_signer.begin(pdf, OFFICE, who.chain, moment)
        value = sign(who.key, prepared.algorithm, prepared.digest)
        finished = await self.deferred_signer.finish(
            pdf, OFFICE, prepared.pdf, prepared.resumable, prepared.algorithm, value, moment
        )
        return finished.pdf

    async def verify_one(self, signed: bytes) -> None:
        await self.deferred_signer.judge_upload(signed, issued(OFFICE), OFFICE, SystemClock().now())


async def _beside_pyhanko(parties: Parties, ours: OurSignatures) -> list[Result]:
    bare = BareSigner.load(parties.pki, parties.policy.trust, SystemClock().now())
    for _ in range(WARMING):
        await ours.seal_one()
        await ours.sign_one()
        await bare.sign_and_check(issued(FIELD), FIELD)
    seal, attempt, whole, alone = await alternate(
        "a signature",
        ROUNDS,
        _rate(ours.seal_one),
        _rate(ours.sign_one),
        _rate(lambda: bare.sign_and_check(issued(FIELD), FIELD)),
        _rate(lambda: bare.sign(issued(FIELD), FIELD)),
    )
    return [
        compare("signature_seal", 1000 / seal, 1000 / whole, at_most=1.2, unit="ms"),
        compare("signature_attempt", 1000 / attempt, 1000 / whole, at_most=1.2, unit="ms"),
        compare("signature_only", 1000 / seal, 1000 / alone, unit="ms", note="bare: no stamp, no check"),
    ]


async def _beside_dss(ours: OurSignatures, dss: Dss, folder: Path) -> list[Result]:
    form, signed, theirs = folder / "form.pdf", folder / "signed.pdf", folder / "theirs.pdf"
    form.write_bytes(issued(OFFICE))
    content = await ours.sign_one()
    signed.write_bytes(content)

    async def dss_signs() -> None:
        dss.sign(form, theirs)

    async def dss_validates() -> None:
        [found] = dss.validate(signed)
        assert found.indication == "TOTAL_PASSED"

    async def we_verify() -> None:
        await ours.verify_one(content)

    for _ in range(WARMING):
        await dss_signs()
        await dss_validates()
        await we_verify()
    verified = await alternate("verify", ROUNDS, _rate(we_verify), _rate(dss_validates))
    made = await alternate("sign", ROUNDS, _rate(ours.sign_one), _rate(dss_signs))
    added = (len(content) - len(issued(OFFICE))) / 1024
    note = f"EU DSS {dss_version()}; our signature adds {added:.0f} KB"
    return [
        compare("signatures_verified", *verified, at_least=1, unit="files/s", note=note),
        compare("signatures_made", *made, at_least=1, unit="files/s", note=note),
    ]


async def _report(parties: Parties, ours: OurSignatures) -> Result:
    """A report on a PDF of 1 MB beside bare pyHanko's validation of it."""
    trust, clock, pdf = parties.policy.trust, SystemClock(), await _large_signed(parties)
    inspector = ours.inspector

    async def we_report() -> None:
        await report(inspector, pdf, clock)

    async def they_validate() -> None:
        await validate(pdf, trust, clock)

    for _ in range(WARMING):
        await we_report()
        await they_validate()
    made, bare = await alternate("report", ROUNDS, _rate(we_report), _rate(they_validate))
    note = f"{len(pdf) / 1024**2:.1f} MB"
    return compare("report_of_1_mb", 1000 / made, 1000 / bare, at_most=1.5, unit="ms", note=note)


async def _large_signed(parties: Parties) -> bytes:
    bare = BareSigner.load(parties.pki, parties.policy.trust, SystemClock().now())
    return await bare.sign(large_form(OFFICE), OFFICE)


async def _memory(parties: Parties) -> Result:
    """How much higher the memory of a worker process of its own rises over MANY signatures than over as many
    before, which filled its caches. The allocator gives memory back now and then, so the peaks are compared.
    Each signature is verified too, and every _EACH-th time there is a report on a large file."""
    workers, pdf = Workers(1, limit=120, prepare=configure_worker), await _large_signed(parties)
    ours = OurSignatures(parties, parties.seal, DeferredSigner(workers, lambda: parties.policy))

    async def peak() -> float:
        found = 0.0
        for n in range(MANY):
            await ours.verify_one(await ours.sign_one())
            if n % _EACH == 0:
                await report(ours.inspector, pdf, SystemClock())
                found = max(found, await workers.run(_anonymous_mb))
        return found

    try:
        before = await peak()
        grown = await peak() - before
    finally:
        await workers.close()
    note = f"over {MANY} signatures, on {before:.0f} MB"
    return limit("signing_memory_growth", grown, at_most=8, unit="MB", note=note)


def _anonymous_mb() -> float:
    """Resident memory without pages of files: the kernel drops those of an idle process and loads them
    again, so all resident memory grows and shrinks without an allocation."""
    [line] = [each for each in Path("/proc/self/status").read_text().splitlines() if "RssAnon" in each]
    return int(line.split()[1]) / 1024


def _rate(work: Callable[[], Awaitable[object]]) -> Rate:
    async def run() -> float:
        began = time.perf_counter()
        for _ in range(_EACH):
            await work()
        return _EACH / (time.perf_counter() - began)

    return run
