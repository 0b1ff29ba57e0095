"""Answers that are authentic, for as long as their authority says that they count."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from asn1crypto import crl, ocsp

from services.signing.pades.revocation.answers import RevocationAnswer

_LONGEST, _TOLERANCE = timedelta(days=1), timedelta(minutes=5)
_MOST_BYTES = 64 * 1024**2


class AnswerCache:
    """In this process only: one that dies asks again. The oldest answers go first when there are too many."""

    def __init__(self, most_bytes: int = _MOST_BYTES) -> None:
        self._most = most_bytes
        self._answers: OrderedDict[str, tuple[RevocationAnswer, datetime]] = OrderedDict()
        self._bytes = 0

    def find(self, source: str, moment: datetime) -> RevocationAnswer | None:
        answer, until = self._answers.get(source, (None, moment))
        return answer if moment < until else None

    def keep(self, answers: Sequence[RevocationAnswer], moment: datetime) -> None:
        """Keep the answers until their authority makes newer ones, at most for a day. One that doesn't say
        when, that is of the future, or that can't be read, is not kept."""
        for answer in answers:
            if until := _end(answer, moment):
                self._drop(answer.source)
                self._answers[answer.source] = (replace(answer, kept=True), until)
                self._bytes += len(answer.der)
        while self._bytes > self._most:
            self._drop(next(iter(self._answers)))

    def _drop(self, source: str) -> None:
        if source in self._answers:
            answer, _ = self._answers.pop(source)
            self._bytes -= len(answer.der)


def _end(answer: RevocationAnswer, moment: datetime) -> datetime | None:
    """Until when the answer is kept; None if it doesn't say when it was made and until when it counts, was
    made after `moment`, or can't be read."""
    try:
        if answer.kind == "crl":
            said = crl.CertificateList.load(answer.der, strict=True)["tbs_cert_list"]
        else:
            said = ocsp.OCSPResponse.load(answer.der, strict=True).response_data["responses"][0]
        made, until = said["this_update"].native, said["next_update"].native
        past = made and made <= moment + _TOLERANCE
        return min(until, made + _LONGEST).astimezone(UTC) if past and until else None
    except Exception:  # a damaged value makes asn1crypto raise nearly anything
        return None
