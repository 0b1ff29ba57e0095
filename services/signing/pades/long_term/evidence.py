"""What proves a signature and comes from others: their answers about revocation, and time stamps."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from services.signing.pades.revocation.answers import RevocationAnswer
from services.signing.pades.revocation.questions import RevocationQuestion


class NoTimeStamp(Exception):
    """The authority gave no time stamp. The text says why, for our logs."""


class EvidenceSource(Protocol):
    """Asks others. `asks`: about revocation; `stamps`: for time stamps, which make signatures B-LT."""

    @property
    def asks(self) -> bool: ...

    @property
    def stamps(self) -> bool: ...

    async def answer(
        self, questions: Sequence[RevocationQuestion], moment: datetime
    ) -> tuple[RevocationAnswer, ...]:
        """The answers that came in time, not checked yet. Raises nothing: a question without an answer has
        none."""

    def keep(self, answers: Sequence[RevocationAnswer], moment: datetime) -> None:
        """Keep answers that are authentic, until their authority makes newer ones."""

    async def time_stamp(self, digest: bytes) -> bytes:
        """A time stamp of a SHA-256 digest: a CMS ContentInfo in DER, not checked yet. Raises NoTimeStamp."""

    def note(self, level: str, failure: str | None = None) -> None:
        """Note the level of a signature, and why it isn't B-LT though it should be."""


class NoEvidence:
    """Asks nobody: our own lists decide about revocation, and signatures are B-B."""

    asks = False
    stamps = False

    async def answer(
        self, questions: Sequence[RevocationQuestion], moment: datetime
    ) -> tuple[RevocationAnswer, ...]:
        return ()

    def keep(self, answers: Sequence[RevocationAnswer], moment: datetime) -> None: ...

    async def time_stamp(self, digest: bytes) -> bytes:
        raise NoTimeStamp("no authority is set")

    def note(self, level: str, failure: str | None = None) -> None: ...


NO_EVIDENCE = NoEvidence()
