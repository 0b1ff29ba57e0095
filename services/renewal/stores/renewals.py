"""The store of renewals, and the queries on it."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from datetime import date, datetime
from inspect import isawaitable
from uuid import UUID

from services.renewal.domain.flow import OPEN, REGISTRATION_FLOW, VALID, FlowStep, RegistrationStatus
from services.renewal.domain.joint.events import for_each_product
from services.renewal.domain.joint.members import ACCEPTED
from services.renewal.domain.licence import LicenceCopy
from services.renewal.domain.numbers import registration_number
from services.renewal.domain.payment.commitment import CommitmentStatus
from services.renewal.domain.payment.commitment_steps import FORM_HERE
from services.renewal.domain.registration.registration import Registration
from services.renewal.domain.renewal import Renewal
from services.renewal.stores.renewal_indexes import (
    ACCEPTED_CARRYING,
    BASIS,
    CARRIES_JOINED,
    JOINED,
    JOINED_NUMBER,
    REPLACING,
    STANDS_FOR,
    SUBSCRIPTION,
)
from shared.audit.entries import AuditEntry
from shared.audit.history import history
from shared.resilience.errors import KeyReused
from shared.storage.aggregate import Cause, Decision, Stored
from shared.storage.mongo import Document, plain
from shared.storage.store import Store

Change = Decision[Renewal] | None


class Renewals:
    """What a joint registration tells is told of each of its products, in the same save."""

    def __init__(self, store: Store[Renewal]) -> None:
        self._store = store
        self.load = store.load

    async def save(
        self, stored: Stored[Renewal] | None, decision: Decision[Renewal], cause: Cause, *, id: str | UUID
    ) -> Stored[Renewal]:
        return await self._store.save(stored, for_each_product(decision), cause, id=id)

    async def save_many(
        self, changes: Iterable[tuple[Stored[Renewal] | None, str, Decision[Renewal]]], cause: Cause
    ) -> bool:
        each = ((stored, id, for_each_product(decision)) for stored, id, decision in changes)
        return await self._store.save_many(each, cause)

    async def change(
        self,
        id: str | UUID,
        decide: Callable[[Renewal | None], Change | Awaitable[Change]],
        cause: Cause,
        *,
        expected_version: int | None = None,
    ) -> Stored[Renewal] | None:
        async def decide_for_each(state: Renewal | None) -> Change:
            decided = decide(state)
            decision = await decided if isawaitable(decided) else decided
            return for_each_product(decision) if decision else None

        return await self._store.change(id, decide_for_each, cause, expected_version=expected_version)

    async def add(self, decision: Decision[Renewal], cause: Cause) -> None:
        """Saves a new renewal. Raises Conflict where it already exists, AlreadyExists where the subscription
        has another open one or the number is taken."""
        id = decision.state.registration.renewal_id
        await self.save(None, decision, cause, id=id)

    async def count(self, subscription_id: UUID) -> int:
        return await self._store.collection.count_documents(plain(_of(subscription_id)))

    async def is_taken(self, id: UUID) -> bool:
        """Whether the id, or the number derived from it, is already used."""
        number, ours = registration_number(id), str(id)
        numbers = [{"registration.number": number}, {JOINED_NUMBER: number}]
        either = [{"_id": ours}, {JOINED: ours}, *numbers]
        return await self._store.collection.find_one({"$or": either}, {"_id": 1}) is not None

    async def made_by(self, cause: Cause) -> Stored[Renewal] | None:
        """The renewal that the request with this key made. Raises KeyReused where its content was another."""
        if cause.message_id is None:
            return None
        found = await self._store.find({"handled.id": str(cause.message_id)}, limit=1)
        if found and cause.content_id not in found[0].handled:
            raise KeyReused
        return found[0] if found else None

    async def unfinished_replacements(self) -> list[Stored[Renewal]]:
        """Cancelled renewals whose replacement may not be saved yet."""
        return await self._store.find({REPLACING: {"$exists": True}}, limit=100)

    async def open_of(self, subscription_id: UUID) -> Stored[Renewal] | None:
        """Its open registration, or the joint one that it stands on."""
        found = await self._store.find({**_of(subscription_id), "status": {"$in": OPEN}}, limit=1)
        return found[0] if found else None

    async def led(self, joined_id: UUID) -> Stored[Renewal] | None:
        """The registration that carries the form of the joined one with that id."""
        found = await self._store.find({JOINED: joined_id}, limit=1)
        return found[0] if found else None

    def accepted_carrying(self) -> AsyncIterator[list[Renewal]]:
        """The accepted ones that still stand for joined registrations and can be read, some at a time."""
        due = {**CARRIES_JOINED, "status": {"$in": ACCEPTED}}
        return self._store.sweep(due, index=ACCEPTED_CARRYING)

    async def blocking(self, licence: LicenceCopy) -> Stored[Renewal] | None:
        """The renewal that blocks a new registration of the subscription.

        It is open, or it has a contract for the term. Or the subscription has not yet recorded its contract,
        or disputes it. Or it is being replaced: that one comes first, so that the caller finishes it.
        """
        blocking: list[Document] = [
            {"status": {"$in": OPEN}},
            {"status": {"$in": VALID}, **CARRIES_JOINED},
            {"status": {"$in": VALID}, BASIS: licence.expires_on},
            {REPLACING: {"$exists": True}},
            {"status": RegistrationStatus.CONTRACT_ISSUED, "_id": {"$in": list(licence.disputed)}},
        ]
        if licence.contracts is not None:
            blocking.append(
                {"status": RegistrationStatus.CONTRACT_ISSUED, "_id": {"$nin": list(licence.contracts)}}
            )
        found = await self._store.find(
            {"$and": [_of(licence.subscription_id), {"$or": blocking}]}, sort=[(REPLACING, -1)], limit=1
        )
        return found[0] if found else None

    async def is_renewed(self, subscription_id: UUID, basis: date) -> bool:
        """Whether there is a contract for the term after the last day `basis`."""
        issued = {SUBSCRIPTION: subscription_id, "status": RegistrationStatus.CONTRACT_ISSUED, BASIS: basis}
        return await self._store.collection.find_one(plain(issued), {"_id": 1}) is not None

    async def renewed_on(self, licence: LicenceCopy) -> date | None:
        """The date of the contract that gave the licence its present term. None: no contract gave it."""
        gave = {
            SUBSCRIPTION: licence.subscription_id,
            "status": RegistrationStatus.CONTRACT_ISSUED,
            BASIS: {"$lt": licence.expires_on},
        }
        found = await self._store.find(gave, sort=[(BASIS, -1)], limit=1)
        return found[0].state.contract_date if found else None

    async def others_of(self, renewal: Renewal, most: int) -> list[Renewal]:
        """The newest of the other renewals of the same subscription, and of joint ones that stand for it."""
        registration = renewal.registration
        query = {**_of(registration.subscription_id), "_id": {"$ne": str(registration.renewal_id)}}
        return [stored.state for stored in await self.matching(query, most)]

    async def refused_since(self, office_ref: str, at: datetime) -> int:
        """How many of the office's registrations the desk has refused since `at`."""
        theirs = {
            "registration.office_ref": office_ref,
            "status": RegistrationStatus.REFUSED,
            "since": {"$gte": at},
        }
        return await self._store.collection.count_documents(plain(theirs))

    async def broken_since(self, office_ref: str, at: datetime) -> int:
        """How many of the office's commitments to pay were broken since `at`, or aren't made good yet."""
        late, open = {"commitment.broken_at": {"$gte": at}}, {"commitment.status": CommitmentStatus.BROKEN}
        theirs = {
            "registration.office_ref": office_ref,
            "$or": [late, open | {"commitment.paid": False}],
        }
        return await self._store.collection.count_documents(plain(theirs))

    async def committed(self, registration: Registration) -> int:
        """What the office has committed itself to pay and the vendor accepted, with this registration, in
        đồng."""
        query = {
            "registration.office_ref": registration.office_ref,
            "_id": {"$ne": registration.renewal_id},
            "commitment.status": {"$in": [CommitmentStatus.ACCEPTED, CommitmentStatus.BROKEN]},
            "commitment.paid": False,
            "status": {"$in": VALID},
        }
        others = await self._store.states(query)
        return registration.total + sum(other.registration.total for other in others)

    async def with_reminder_due(self, day: date, most: int) -> list[Stored[Renewal]]:
        """Those whose commitment to pay has something due on `day` or before, the oldest first."""
        due = {"commitment.next_on": {"$type": "string", "$lte": day}}
        found, _ = await self._store.find_readable(due, sort=[("commitment.next_on", 1)], limit=most)
        return found

    async def commitments_to_decide(self, most: int) -> list[Renewal]:
        """Those whose form is here and whose commitment waits for a clerk, the longest waiting first."""
        return await self._commitments(CommitmentStatus.AWAITING, FORM_HERE, ("since", 1), most)

    async def commitments_broken(self, most: int) -> list[Renewal]:
        """Those whose commitment wasn't kept and still isn't, the newest first."""
        return await self._commitments(CommitmentStatus.BROKEN, VALID, ("commitment.broken_at", -1), most)

    async def commitments_refused(self, most: int) -> list[Renewal]:
        """Those that weren't accepted, and are still unpaid after the last reminder, the oldest day first."""
        order, reminded = ("commitment.pay_by", 1), {"commitment.next_on": None}
        return await self._commitments(CommitmentStatus.REFUSED, VALID, order, most, reminded)

    async def _commitments(
        self,
        status: CommitmentStatus,
        statuses: Sequence[RegistrationStatus],
        order: tuple[str, int],
        most: int,
        more: Document | None = None,
    ) -> list[Renewal]:
        query: Document = {"commitment.status": status, "commitment.paid": False, "status": {"$in": statuses}}
        query |= more or {}
        found, _ = await self._store.find_readable(query, sort=[order], limit=most)
        return [stored.state for stored in found]

    async def awaiting_office(self) -> list[Stored[Renewal]]:
        """Renewals that wait for the office's signed or stamped form, or its contract, for any time."""
        reminder_steps = (FlowStep.CHASE, FlowStep.LAPSE)
        awaited = [status for step in reminder_steps for status in REGISTRATION_FLOW.with_step(step)]
        found, _ = await self._store.find_readable({"status": {"$in": awaited}})
        return found

    async def by_number(self, number: str) -> Renewal | None:
        found = await self._store.states({"registration.number": number})
        return found[0] if found else None

    async def stored_by_ids(self, ids: Iterable[UUID]) -> list[Stored[Renewal]]:
        """Those that can be read."""
        found, _ = await self._store.find_readable({"_id": {"$in": [str(id) for id in ids]}})
        return found

    async def by_ids(self, ids: Iterable[UUID]) -> dict[UUID, Renewal]:
        """Those that can be read, by their ids."""
        found = await self.stored_by_ids(ids)
        return {stored.state.registration.renewal_id: stored.state for stored in found}

    async def without_status(self, ids: Iterable[UUID], statuses: Sequence[RegistrationStatus]) -> set[UUID]:
        """Those of `ids` whose status is none of these."""
        query = {"_id": {"$in": list(ids)}, "status": {"$nin": statuses}}
        found = self._store.collection.find(plain(query), {"_id": 1})
        return {UUID(each["_id"]) async for each in found}

    async def followed(self, fields: Sequence[str]) -> AsyncIterator[Document]:
        """Stored documents, with only these fields, of all registrations whose payments are recorded here."""
        found = self._store.collection.find({"payment_followed": True}, dict.fromkeys(fields, 1))
        async for document in found.batch_size(1000):
            yield document

    async def matching(self, query: Document, most: int) -> list[Stored[Renewal]]:
        """The newest first."""
        return await self._store.find(query, sort=[("registration.registered_at", -1)], limit=most)

    async def find_fields(self, query: Document, fields: Sequence[str], most: int) -> list[Document]:
        """Stored documents with only these fields, the longest waiting first: for lists of thousands."""
        found = self._store.collection.find(plain(query), dict.fromkeys(fields, 1))
        return await found.sort([("since", 1), ("_id", 1)]).limit(most).to_list(most)

    async def since_by_status(
        self, statuses: Sequence[RegistrationStatus]
    ) -> dict[RegistrationStatus, list[datetime]]:
        """For each status, since when each of its renewals has had it."""
        steps: list[Document] = [
            {"$match": {"status": {"$in": plain(statuses)}}},
            {"$group": {"_id": "$status", "since": {"$push": "$since"}}},
        ]
        found = self._store.collection.aggregate(steps)
        return {RegistrationStatus(each["_id"]): each["since"] async for each in found}

    async def declared_paid(self, since: datetime, until: datetime) -> list[UUID]:
        """Those that were registered as paid already between the two, and aren't closed, the oldest first."""
        query = {
            "registration.payment.kind": "paid",
            "registration.registered_at": {"$gte": since, "$lte": until},
            "status": {"$in": VALID},
            "payment_followed": True,
        }
        found = self._store.collection.find(plain(query), {"_id": 1}).sort("registration.registered_at", 1)
        return [UUID(each["_id"]) async for each in found]

    async def products(self, statuses: Sequence[RegistrationStatus]) -> list[str]:
        """The product codes of the renewals in these statuses."""
        query = {"status": {"$in": plain(statuses)}}
        return sorted(await self._store.collection.distinct("registration.product_code", query))

    async def history(self, id: UUID) -> list[AuditEntry]:
        """The renewal's audit entries, in order."""
        return await history(self._store.collection, str(id))

    async def with_document(self, sha256: str) -> list[Stored[Renewal]]:
        """The renewals whose dossier contains the document."""
        return await self._store.find({"dossier.document.sha256": sha256})


def _of(subscription_id: UUID) -> Document:
    """A registration of the subscription, or a joint one that stands for it."""
    return {"$or": [{SUBSCRIPTION: subscription_id}, {STANDS_FOR: subscription_id}]}
