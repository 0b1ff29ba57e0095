"""Builds the flow that keeps the proof of signed files young."""

from dataclasses import dataclass

from fastapi import APIRouter

from services.signing.domain.preservation import PreservedFile
from services.signing.pades.deferred_signer import DeferredSigner
from services.signing.pades.long_term.preserver import Preserver
from services.signing.preservation.files import INDEXES, PreservedFiles
from services.signing.preservation.handlers import PreservationHandlers
from services.signing.preservation.job import DailyLook, PreservationJob
from services.signing.preservation.meters import PreservationMeter
from services.signing.preservation.rest import preservation_routes
from services.signing.settings import SigningSettings
from services.signing.store import Forms
from shared.background.heartbeat import Heartbeat
from shared.background.leader_loop import LeaderLoop
from shared.runtime.service import Loop, Service
from shared.web.people import Role, require_person

_NAME = "preservation"
_PAUSE_SECONDS = 1.0
"""Between two looks at the clock, which cost nothing: only an open look asks the database."""


@dataclass(frozen=True, slots=True)
class PreservationFlow:
    service: Service
    settings: SigningSettings
    files: PreservedFiles
    preserver: Preserver
    look: DailyLook
    forms: Forms

    @property
    def meter(self) -> PreservationMeter:
        return PreservationMeter(self.files)

    def routers(self) -> list[APIRouter]:
        person = require_person(self.service.verifier, Role.DESK, Role.OPS)
        return [preservation_routes(self.files, person)]

    @property
    def handlers(self) -> PreservationHandlers:
        return PreservationHandlers(self.files, self.service.documents, self.forms)

    def loops(self) -> list[Loop]:
        """Without a time-stamping authority nothing can be preserved."""
        if not self.preserver.stamps:
            return []
        leader_loop = LeaderLoop(_NAME, self.service.lease(_NAME), self.look.is_open, _PAUSE_SECONDS)
        job = PreservationJob(self.files, self.service.documents, self.preserver, self.look, leader_loop)
        limit = 60 + 4 * self.settings.answer_seconds
        return [Loop(job.run, Heartbeat(_NAME, limit=limit))]


def build(
    service: Service, settings: SigningSettings, signer: DeferredSigner, forms: Forms
) -> PreservationFlow:
    store = service.store("preserved", PreservedFile, *INDEXES)
    look = DailyLook(service.clock, settings.stamp_zone)
    files = PreservedFiles(store, service.clock, settings.proof_margin, look.reopen)
    return PreservationFlow(service, settings, files, Preserver(signer), look, forms)
