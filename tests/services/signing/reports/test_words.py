"""Every verdict and finding has its words in both languages."""

from itertools import product
from typing import get_args

import pytest

from services.signing.domain.certificate import CodeMismatch
from services.signing.domain.report.facts import Changes, RevocationSource
from services.signing.domain.report.level import LevelEvidence, level_of
from services.signing.domain.report.report import Origin, OriginStatus
from services.signing.domain.report.verdict import Indication, SignatureVerdict, SubIndication
from services.signing.pades.rejection import InvalidityReason
from services.signing.reports.views import CATALOGUE, meaning, origin_text

LEVELS = {level_of(LevelEvidence(*each)) for each in product((True, False), repeat=4)}


@pytest.mark.parametrize(
    ("part", "codes"),
    [
        ("indication", set(Indication)),
        ("sub", set(SubIndication)),
        ("mismatch", set(get_args(CodeMismatch))),
        ("change", set(get_args(Changes))),
        ("level", {level.rpartition("-")[2] for level in LEVELS}),
        ("origin", set(get_args(OriginStatus))),
        ("source", {"ocsp", "crl", *get_args(RevocationSource.model_fields["place"].annotation)}),
    ],
)
def test_every_code_has_its_words(part: str, codes: set[str]) -> None:
    words = CATALOGUE.part(part)
    assert set(words) == codes
    assert all(text.vi != text.en or part == "source" for text in words.values())


FINDINGS = ("mismatch", "integrity", "change", "at_signing", "revocation", "scheme", "stamp", "level")


@pytest.mark.parametrize("part", [*FINDINGS, "origin"])
def test_finding_is_a_whole_sentence(part: str) -> None:
    for both in CATALOGUE.part(part).values():
        assert all((text[0].isupper() or text[0] == "{") and text.endswith(".") for text in both), both


def test_verdict_is_told_by_its_reason() -> None:
    failed = SignatureVerdict(indication=Indication.TOTAL_FAILED, sub_indication=SubIndication.HASH_FAILURE)
    assert meaning(failed) == CATALOGUE.texts["sub.HASH_FAILURE"]
    assert (
        meaning(SignatureVerdict(indication=Indication.TOTAL_PASSED))
        == CATALOGUE.texts["indication.TOTAL_PASSED"]
    )


def test_origin_names_number_and_reason() -> None:
    found = Origin(status="changed", number="GH-0001", reason=InvalidityReason.FILE_CHANGED)
    assert all("GH-0001" in text and "{" not in text for text in origin_text(found))
