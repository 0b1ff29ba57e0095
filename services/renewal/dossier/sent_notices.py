"""Copies what the notifier proves of each notice, for the dossiers."""

from dataclasses import dataclass

from services.renewal.domain.dossier.notice_proof import NoticeProof
from services.renewal.domain.registration.registration import Registration
from shared.events.notifier import NoticeDelivered, NoticeFailed
from shared.messaging.envelope import Position
from shared.messaging.routes import Routes
from shared.storage.mongo import IndexModel
from shared.storage.projection import CopyWrite, Projection

INDEX = IndexModel([("subscription_id", 1), ("term", 1)], name="subscription")
_OF_EVENT = set(NoticeProof.model_fields) - {"outcome", "at"}
_MOST = 1000


@dataclass(frozen=True, slots=True)
class SentNotices:
    """One copy a notice, by its id. Repeated, the same event changes nothing."""

    copies: Projection[NoticeProof]

    def add_to(self, routes: Routes) -> None:
        routes.latest(NoticeDelivered, self.copy_delivered)
        routes.latest(NoticeFailed, self.copy_failed)

    def copy_delivered(self, event: NoticeDelivered, at: Position) -> list[CopyWrite]:
        return [self._copy(event, at, "delivered")]

    def copy_failed(self, event: NoticeFailed, at: Position) -> list[CopyWrite]:
        return [self._copy(event, at, event.outcome)]

    async def about(self, registration: Registration) -> list[NoticeProof]:
        """The notices about the registration, and those about the last day of use that it follows; in the
        order of their outcomes, at most 1000."""
        term = registration.term.basis_expires_on
        about = [{"renewal_id": registration.renewal_id}, {"renewal_id": None, "term": term}]
        query = {"subscription_id": registration.subscription_id, "$or": about}
        found = await self.copies.find(query, limit=_MOST)
        return sorted(found, key=lambda proof: (proof.at, proof.notice_id))

    def _copy(self, event: NoticeDelivered | NoticeFailed, at: Position, outcome: str) -> CopyWrite:
        fields = event.model_dump(include=_OF_EVENT) | {"outcome": outcome, "at": event.occurred_at}
        return self.copies.put(event.notice_id, at, fields)
