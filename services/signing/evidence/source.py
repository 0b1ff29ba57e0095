"""Asks the authorities: about revocation by OCSP or their lists, and for time stamps."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from asn1crypto import ocsp, tsp
from pyhanko.sign.timestamps import TimeStamper
from pyhanko_certvalidator.fetchers.common_utils import process_ocsp_response_data

from services.signing.evidence.cache import AnswerCache
from services.signing.evidence.downloads import Downloads, NoAnswer
from services.signing.pades.long_term.evidence import NoTimeStamp
from services.signing.pades.revocation.answers import RevocationAnswer
from services.signing.pades.revocation.questions import RevocationQuestion

log = structlog.get_logger()

_RESPONSE, _LIST, _STAMP = 64 * 1024, 4 * 1024**2, 64 * 1024
"""The largest answers, in bytes. A worker process has the memory to read a list of that size."""


@dataclass(frozen=True, slots=True)
class Authorities:
    """`tsa_url` is the time-stamping authority's; empty: there is none. `levels` and `failures` count the
    signatures of this process by level, and the failures by what failed."""

    downloads: Downloads
    tsa_url: str
    cache: AnswerCache = field(default_factory=AnswerCache)
    levels: Counter[str] = field(default_factory=Counter)
    failures: Counter[str] = field(default_factory=Counter)

    @property
    def asks(self) -> bool:
        return bool(self.downloads.hosts)

    @property
    def stamps(self) -> bool:
        return bool(self.tsa_url)

    async def answer(
        self, questions: Sequence[RevocationQuestion], moment: datetime
    ) -> tuple[RevocationAnswer, ...]:
        """Responders are asked first, all at once; then the lists for the questions that none answered. So it
        takes two requests' time at most."""
        responses = await asyncio.gather(*(self._respond(each, moment) for each in questions))
        unanswered = (each for each, said in zip(questions, responses, strict=True) if said is None)
        urls = {self.downloads.allowed(each.crl_urls) for each in unanswered} - {None}
        lists = await asyncio.gather(*(self._list(str(url), moment) for url in urls))
        return tuple(each for each in (*responses, *lists) if each)

    def keep(self, answers: Sequence[RevocationAnswer], moment: datetime) -> None:
        self.cache.keep(answers, moment)

    async def time_stamp(self, digest: bytes) -> bytes:
        try:
            token = await _TimeStampClient(self.downloads, self.tsa_url).async_timestamp(digest, "sha256")
            return bytes(token.dump())
        except NoAnswer as error:
            self._note("time_stamp", str(error))
            raise NoTimeStamp(str(error)) from None
        except Exception as error:  # a damaged answer makes asn1crypto and pyHanko raise nearly anything
            self._note("time_stamp", type(error).__name__)
            raise NoTimeStamp(type(error).__name__) from None

    def note(self, level: str, failure: str | None = None) -> None:
        self.levels[level] += 1
        if failure:
            log.warning("signature.not_long_term", reason=failure)

    async def _respond(self, question: RevocationQuestion, moment: datetime) -> RevocationAnswer | None:
        url = self.downloads.allowed(question.ocsp_urls)
        if url is None:
            return None
        source = question.responder(url)
        if kept := self.cache.find(source, moment):
            return kept
        try:
            request = question.ocsp_request
            body = await self.downloads.post(url, request, "application/ocsp-request", limit=_RESPONSE)
            asked = ocsp.OCSPRequest.load(request)
            process_ocsp_response_data(body, ocsp_request=asked, ocsp_url=url)  # its status, and the nonce
            return RevocationAnswer("ocsp", source, body)
        except NoAnswer as error:
            self._note("ocsp", str(error))
        except Exception as error:  # a damaged response makes asn1crypto raise nearly anything
            self._note("ocsp", type(error).__name__)
        return None

    async def _list(self, url: str, moment: datetime) -> RevocationAnswer | None:
        if kept := self.cache.find(url, moment):
            return kept
        try:
            return RevocationAnswer("crl", url, await self.downloads.get(url, limit=_LIST))
        except NoAnswer as error:
            self._note("crl", str(error))
        return None

    def _note(self, kind: str, reason: str) -> None:
        self.failures[kind] += 1
        log.warning("evidence.no_answer", kind=kind, reason=reason)


class _TimeStampClient(TimeStamper):
    """pyHanko's client, with our own way to fetch. It makes the nonce, and compares it."""

    def __init__(self, downloads: Downloads, url: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._downloads = downloads
        self._url = url

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        media_type = "application/timestamp-query"
        body = await self._downloads.post(self._url, req.dump(), media_type, limit=_STAMP)
        return tsp.TimeStampResp.load(body, strict=True)
