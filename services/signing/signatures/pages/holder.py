"""Who signed for the office: the name in the certificate."""

from hashlib import sha256

from services.signing.domain.attempt import Attempt, SignedUpload
from services.signing.pades.certificates import common_name, read_chain
from services.signing.pades.worker_tasks import read_upload_chains
from shared.background.workers import Workers


async def find_holder(made: Attempt | SignedUpload, pdf: bytes, workers: Workers) -> str:
    """The holder of the certificate of this signature in `pdf`; empty if the file has another one."""
    fingerprint = made.certificate.fingerprint
    if isinstance(made, SignedUpload):
        return next((each.holder for each in made.parties if each.certificate == made.certificate), "")
    chains = await workers.run(read_upload_chains, pdf)
    own = (chain for chain in chains if sha256(chain[0]).hexdigest() == fingerprint)
    return next((common_name(read_chain(chain).signer) for chain in own), "")
