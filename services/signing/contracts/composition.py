"""Builds the flow by which the vendor's key seals contracts."""

from dataclasses import dataclass
from typing import NamedTuple

from services.signing.contracts.handlers import ContractHandlers
from services.signing.contracts.seal import BadSeal, FileSeal, Seal
from services.signing.contracts.seal_check import SealCertificateStatus, SealCheck, SealMeter
from services.signing.contracts.token_seal import SealToken, TokenSeal
from services.signing.domain.contract import ContractSeal, WithheldContract
from services.signing.pades.deferred_signer import DeferredSigner
from services.signing.pades.stamp.appearance import StampDetails
from services.signing.pades.stamp.image import BadStampImage, StampImage
from services.signing.preservation.files import PreservedFiles
from services.signing.settings import SigningSettings
from services.signing.store import Forms
from shared.background.heartbeat import Heartbeat
from shared.background.leader_loop import LeaderLoop
from shared.runtime.service import Loop, Service
from shared.runtime.settings import settings_error
from shared.storage.store import Store


@dataclass(frozen=True, slots=True)
class ContractFlow:
    handlers: ContractHandlers
    check: SealCheck
    meter: SealMeter

    def loops(self) -> list[Loop]:
        limit = 3 * self.check.leader_loop.pause_seconds + 60
        return [Loop(self.check.run, Heartbeat("seal", limit=limit))]


class LoadedSeal(NamedTuple):
    """The vendor's key, and what its stamp shows."""

    key: Seal
    stamp: StampDetails


def load(settings: SigningSettings) -> LoadedSeal:
    """Raises BadSettings for a key or images that can't be used."""
    return LoadedSeal(_seal(settings), _stamp(settings))


def build(
    service: Service,
    pause_seconds: float,
    seal: LoadedSeal,
    forms: Forms,
    contracts: Store[ContractSeal],
    deferred_signer: DeferredSigner,
    preserved: PreservedFiles,
) -> ContractFlow:
    """`pause_seconds`: between two checks of the seal."""
    handlers = ContractHandlers(
        forms,
        contracts,
        service.store("withheld", WithheldContract),
        service.documents,
        deferred_signer,
        seal.key,
        service.clock,
        preserved,
        seal.stamp,
    )
    leader_loop = LeaderLoop("seal", service.lease("seal"), lambda: True, pause_seconds)
    statuses = service.store("seal", SealCertificateStatus)
    check = SealCheck(statuses, seal.key, deferred_signer, service.clock, leader_loop)
    return ContractFlow(handlers, check, SealMeter(seal.key, service.clock))


def _seal(settings: SigningSettings) -> Seal:
    try:
        if settings.seal_p12:
            return FileSeal.load(settings.seal_p12, settings.seal_password.get_secret_value())
        assert settings.seal_library  # the settings have one of the two
        key_id = bytes.fromhex(settings.seal_key_id)
        token = SealToken(settings.seal_library, settings.seal_token_label, key_id, settings.seal_pin)
        return TokenSeal.load(token)
    except BadSeal as error:
        raise settings_error([f"seal: {error}"]) from None


def _stamp(settings: SigningSettings) -> StampDetails:
    try:
        signer, seal = (
            StampImage.load(path) if path else None
            for path in (settings.seal_signer_image, settings.seal_image)
        )
    except BadStampImage as error:
        raise settings_error([f"seal: {error}"]) from None
    return StampDetails(signer=signer, seal=seal)
