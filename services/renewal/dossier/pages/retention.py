"""The desk's pages of retention: the dossiers that need a decision, and one dossier's hold and deletion."""

from dataclasses import dataclass
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from services.renewal.domain.dossier.retention import DossierRetention
from services.renewal.domain.refusal import RenewalError
from services.renewal.dossier.retention import DossierRetentionService, RetentionRequest, RetentionState
from services.renewal.dossier.service import archive_name
from services.renewal.dossier.texts import WORDS
from services.renewal.pages import urls
from services.renewal.pages.desk_shell import DeskShell
from services.renewal.pages.typed import InvalidInput, why
from services.renewal.texts import REFUSALS
from shared.ids import fresh
from shared.resilience.errors import KeyReused
from shared.web.pages.desk_guard import DeskGuard
from shared.web.pages.guard import FormSubmission, not_found
from shared.web.pages.language import language
from shared.web.pages.session import Visitor

_MOST = 200
RetentionStep = Literal["hold", "confirm", "lift", "propose", "withdraw", "approve"]


@dataclass(frozen=True, slots=True)
class RetentionDesk:
    shell: DeskShell
    retention: DossierRetentionService

    async def show_lists(self, request: Request, visitor: Visitor) -> Response:
        lists = [(state, await self.retention.listed(state, _MOST)) for state in RetentionState]
        values = {"lists": lists, "most": _MOST, "d": WORDS[language(request)]}
        return self.shell.page(request, "dossier/list.html", visitor, values)

    async def show(
        self,
        request: Request,
        visitor: Visitor,
        id: UUID,
        typed: str = "",
        wrong: str = "",
        said: str = "",
        at: str = "",
    ) -> Response:
        """`at`: the step for which `typed` was typed."""
        stored = await self.retention.dossiers.core.renewals.load(id)
        if stored is None:
            raise not_found()
        renewal = stored.state
        known = renewal.retention or DossierRetention()
        steps = self._steps(known, visitor, may_propose=await self.retention.may_propose(renewal))
        values = {
            "made": renewal.registration,
            "known": known,
            "kept_until": await self.retention.kept_until(renewal),
            "steps": steps,
            "manifest": await self._manifest(id) if known.proposal and "approve" in steps else "",
            "archive": archive_name(renewal),
            "years": self.retention.years,
            "typed": typed,
            "said": said if said in _said_of(renewal.retention) else "",
            "at": at,
            "seen": stored.version,
            "key": fresh(),
            "d": WORDS[language(request)],
        }
        return self.shell.page(request, "dossier/retention.html", visitor, values, wrong)

    async def _manifest(self, id: UUID) -> str:
        """The hash that the proof will have, and that a ZIP downloaded now has."""
        return await self.retention.manifest(await self.retention.dossiers.gather(id))

    def _steps(self, known: DossierRetention, visitor: Visitor, *, may_propose: bool) -> list[RetentionStep]:
        """The steps to offer. A person isn't offered to approve their own proposal."""
        if known.deletion:
            return ["approve"] if known.unfinished_since else []
        if known.hold:
            return ["confirm", "lift"]
        if known.proposal:
            own = known.proposal.by == visitor.person.sub
            return ["withdraw", "hold"] if own else ["approve", "withdraw", "hold"]
        return ["propose", "hold"] if may_propose else ["hold"]

    async def take(
        self, request: Request, submission: FormSubmission, id: UUID, step: RetentionStep
    ) -> Response:
        """Do the step; show the page again with what was typed, and why, if it can't be done."""
        words, (seen, key) = self.shell.site.words(request), submission.seen_and_key()
        typed, visitor = submission.get("reason").strip(), submission.visitor
        asked = RetentionRequest(visitor.person, key, seen)
        try:
            if step == "approve":
                await self.retention.approve(id, asked, submission.get("manifest"))
            else:
                reason = self.shell.read_reason(request, typed)
                decide = getattr(self.retention, step)
                await decide(id, reason, asked)
        except KeyReused:
            wrong = words.pick(REFUSALS["dossier-moved"][1])
        except (InvalidInput, RenewalError) as error:
            wrong = why(error, words)
        else:
            return RedirectResponse(f"{urls.case(id, 'dossier')}?said={step}", 303)
        return await self.show(request, visitor, id, typed, wrong, at=step)


def _said_of(known: DossierRetention | None) -> tuple[RetentionStep, ...]:
    """The steps that may just have been done, as the dossier is now: the address alone proves nothing."""
    if known is None:
        return ()
    if known.deletion:
        return ("approve",) if known.deletion.finished_at else ()
    if known.hold:
        return ("hold", "confirm")
    return ("propose",) if known.proposal else ("lift", "withdraw")


def retention_pages(page: RetentionDesk, guard: DeskGuard) -> APIRouter:
    routes, path = page.shell.routes(), "/registrations/{id}/dossier"
    visiting, writing = Depends(guard.visitor), Depends(guard.submission)

    @routes.get("/dossiers")
    async def listed(request: Request, visitor: Annotated[Visitor, visiting]) -> Response:
        return await page.show_lists(request, visitor)

    @routes.get(path)
    async def show(
        request: Request,
        id: UUID,
        visitor: Annotated[Visitor, visiting],
        said: Literal["", RetentionStep] = "",
    ) -> Response:
        return await page.show(request, visitor, id, said=said)

    @routes.post(f"{path}/{{step}}")
    async def take(
        request: Request, id: UUID, step: RetentionStep, submission: Annotated[FormSubmission, writing]
    ) -> Response:
        return await page.take(request, submission, id, step)

    return routes
