"""The registration flow: drafts, registrations, replacements, and changes of the form."""

from dataclasses import dataclass

from fastapi import APIRouter

from services.renewal.core import Core
from services.renewal.domain.registration.draft import Draft
from services.renewal.registration.drafts import Drafts
from services.renewal.registration.form_factory import FormFactory
from services.renewal.registration.replacement import ReplacementRepair, ReplacementService
from services.renewal.registration.rest.drafts import draft_copy_routes, draft_routes
from services.renewal.registration.rest.registrations import (
    change_routes,
    creation_routes,
    registration_routes,
)
from services.renewal.registration.restatement import RestatementService
from services.renewal.registration.service import RegistrationService
from shared.background.heartbeat import Heartbeat
from shared.runtime.service import Loop
from shared.web.people import TokenVerifier

_REPLACES_SECONDS = 5


@dataclass(frozen=True, slots=True)
class RegistrationFlow:
    core: Core
    drafts: Drafts
    registrations: RegistrationService
    replacements: ReplacementService
    restatements: RestatementService

    def routers(self, verifier: TokenVerifier) -> list[APIRouter]:
        return [
            registration_routes(self.core.renewals, self.core.office_renewals, verifier),
            creation_routes(self.registrations, verifier),
            change_routes(self.registrations, self.restatements, verifier),
            draft_routes(self.drafts, verifier),
            draft_copy_routes(self.drafts, verifier),
        ]

    def loops(self) -> list[Loop]:
        leader_loop = self.core.service.leader_loop("replacing", _REPLACES_SECONDS)
        repair = ReplacementRepair(self.replacements, leader_loop)
        return [Loop(repair.run, Heartbeat("replacing", limit=60))]


def build(core: Core) -> RegistrationFlow:
    renewals, licences, clock = core.renewals, core.licences, core.clock
    replacements = ReplacementService(renewals, core.receivables, core.settings.vendor, clock)
    form_factory = FormFactory(
        core.receivables,
        core.renderer,
        core.service.documents,
        core.settings.vendor,
        core.dialect,
        core.conditions,
    )
    restatements = RestatementService(
        renewals, licences, form_factory, core.contract_factory, core.fact_reader, clock
    )
    return RegistrationFlow(
        core=core,
        drafts=Drafts(
            core.service.store("drafts", Draft), renewals, licences, core.catalogue, core.dialect, clock,
            core.conditions,
        ),
        registrations=RegistrationService(
            renewals, licences, replacements, form_factory, core.catalogue, clock, restatements,
            core.settings.answer_seconds,
        ),
        replacements=replacements,
        restatements=restatements,
    )  # fmt: skip
