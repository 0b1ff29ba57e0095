"""Events of the vendor's platform, on topic `platform.events`: its answers and its measurements."""

from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime

from shared.events.base import Event
from shared.text.characters import harmless

PlatformText = Annotated[str, AfterValidator(harmless)]


class DataDeleted(Event):
    """The platform deleted the data of an ended subscription. `proof` is the platform's own reference."""

    TYPE: ClassVar[str] = "vn.giahan.platform.data_deleted.v1"

    deletion_id: UUID
    deleted_at: AwareDatetime
    proof: PlatformText


class DataRecoveryAnswered(Event):
    """The platform's answer to a request to recover data."""

    TYPE: ClassVar[str] = "vn.giahan.platform.data_recovery_answered.v1"

    recovery_id: UUID
    answer: Literal["restored", "partly", "impossible"]
    note: PlatformText


class UsageReported(Event):
    """How much of its licence an office uses, measured at `measured_at`. Readers keep the newest."""

    TYPE: ClassVar[str] = "vn.giahan.platform.usage_reported.v1"

    users_used: int
    storage_used_bytes: int
    measured_at: AwareDatetime
