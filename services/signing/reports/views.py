"""What the routes answer with a report, and the words of reports."""

from collections.abc import Mapping
from pathlib import Path

from pydantic import AwareDatetime, BaseModel

from services.signing.domain.certificate import CodeMismatch
from services.signing.domain.report.document import ReportedDocument
from services.signing.domain.report.facts import SignatureFacts, TimeStampFacts
from services.signing.domain.report.report import JudgedSignature, Origin, ValidationReport
from services.signing.domain.report.verdict import Indication, SignatureVerdict, SubIndication
from services.signing.texts import CAUTIONS, REASONS
from shared.text.i18n import Language, Text, TextCatalogue
from shared.web.pages.words import PageWords, page_words

CATALOGUE = TextCatalogue(Path(__file__).parent / "texts")
TEMPLATES = Path(__file__).parent / "templates"
_WORDS = page_words(CATALOGUE)


class SignatureView(BaseModel):
    """`meaning` says the verdict in words, Vietnamese and English."""

    indication: Indication
    sub_indication: SubIndication | None
    meaning: tuple[str, str]
    valid_at_signing: bool | None
    facts: SignatureFacts


class OriginView(Origin):
    """`message` says it in words, Vietnamese and English."""

    message: tuple[str, str]


class MismatchView(BaseModel):
    """`message` says it in words, Vietnamese and English."""

    code: CodeMismatch
    message: tuple[str, str]


class ReportView(BaseModel):
    """The report on a file. `indication` is the worst of its signatures'. `origin` is only for a file that
    was sent. `document` is the document of ours, as the service keeps it; `mismatch` says why no certificate
    on it is tied to its office. The names of the verdicts are those of ETSI EN 319 102-1 and EU DSS."""

    indication: Indication
    sha256: str
    size: int
    pages: int
    judged_at: AwareDatetime
    made_at: AwareDatetime
    signatures: list[SignatureView]
    time_stamps: list[TimeStampFacts]
    origin: OriginView | None
    document: ReportedDocument | None = None
    mismatch: MismatchView | None = None


def words(language: Language) -> PageWords:
    return _WORDS[language]


def template_values(report: ValidationReport, language: Language, kind: str) -> Mapping[str, object]:
    """What the templates of a report need. `kind` is `form` or `contract` for a document of ours, else
    empty."""
    told = {"meaning": meaning, "origin_text": origin_text, "old_padding": CAUTIONS["old_padding"]}
    return {"report": report, "r": words(language), "kind": kind, **told}


def report_view(report: ValidationReport) -> ReportView:
    known = {name: getattr(report, name) for name in ("sha256", "size", "pages", "judged_at", "made_at")}
    found = report.origin
    return ReportView(
        indication=report.indication,
        signatures=[_signature_view(each) for each in report.signatures],
        time_stamps=list(report.time_stamps),
        origin=OriginView(**found.model_dump(), message=origin_text(found)) if found else None,
        document=report.document,
        mismatch=_mismatch_view(report.mismatch) if report.mismatch else None,
        **known,
    )


def _mismatch_view(mismatch: CodeMismatch) -> MismatchView:
    return MismatchView(code=mismatch, message=CATALOGUE.both(f"mismatch.{mismatch}"))


def _signature_view(signature: JudgedSignature) -> SignatureView:
    verdict = signature.verdict
    return SignatureView(
        indication=verdict.indication,
        sub_indication=verdict.sub_indication,
        meaning=meaning(verdict),
        valid_at_signing=signature.valid_at_signing,
        facts=signature.facts,
    )


def meaning(verdict: SignatureVerdict) -> Text:
    """The verdict in words: why, if it isn't passed."""
    why = f"sub.{verdict.sub_indication}" if verdict.sub_indication else f"indication.{verdict.indication}"
    return CATALOGUE.both(why)


def origin_text(origin: Origin) -> Text:
    reason = REASONS[origin.reason] if origin.reason else Text("", "")
    values = {"number": origin.number, "reason": reason}
    return CATALOGUE.both(f"origin.{origin.status}", **values)
