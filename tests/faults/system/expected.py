"""What must result from the records of a topic, unless they are dead or parked."""

from collections.abc import Iterable, Iterator

from aiokafka import ConsumerRecord

from services.notifier.domain.contact import contact_id
from services.notifier.domain.matter import NoticeEvent as Telling
from services.notifier.domain.matter import matter_of
from services.notifier.domain.notice import notice_id
from services.notifier.domain.registration_matter import is_news
from services.notifier.settings import NotifierSettings
from shared.events import CATALOGUE
from shared.events.base import Event
from shared.events.renewal import RenewalCancelled, RenewalRefused, RenewalRegistered
from shared.events.signing import ContractIssued
from shared.messaging.envelope import BadRecord, Envelope, read_event
from tests.faults.history import ExpectedAssignment


def expected_assignments(
    service: str, lying: Iterable[ConsumerRecord], types: Iterable[str]
) -> list[ExpectedAssignment]:
    """What `service`, which handles `types`, must produce: one of each kind for each key, however often the
    record was produced."""
    known = set(types)
    found: dict[tuple[str, str], ExpectedAssignment] = {}
    for envelope, event in _readable(lying):
        if envelope.type in known:
            for due in _of(service, str(envelope.id), event):
                found.setdefault((due.what, due.key), due)
    return list(found.values())


def _readable(lying: Iterable[ConsumerRecord]) -> Iterator[tuple[Envelope, Event]]:
    for record in lying:
        try:
            envelope = Envelope.parse(record.headers, record.value)
            yield envelope, read_event(CATALOGUE[envelope.type], envelope.body)
        except BadRecord:
            continue


def _of(service: str, cause: str, event: Event) -> list[ExpectedAssignment]:
    match service, event:
        case "signing", RenewalRegistered(renewal_id=key):
            return [
                ExpectedAssignment(what="number", key=str(key), service=service, cause=cause),
                ExpectedAssignment(what="seal", key=str(key), service=service, cause=cause),
            ]
        case "subscription", ContractIssued(renewal_id=key):
            return [ExpectedAssignment(what="term", key=str(key), service=service, cause=cause)]
        case "notifier", RenewalRefused() | RenewalCancelled() if not is_news(event):
            return []
        case "notifier", _ if isinstance(event, Telling):
            return [ExpectedAssignment(what="mail", key=_message_id(event), service=service, cause=cause)]
    return []


def _message_id(event: Telling) -> str:
    contact = contact_id(event.subscription_id)
    id = notice_id(event.subscription_id, matter_of(event), contact)
    return f"<{id}@{NotifierSettings.model_construct().mail_domain}>"
