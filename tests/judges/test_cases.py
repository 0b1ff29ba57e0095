"""The run of the judges can fail: each judge is asked about a file that it must refuse."""

import pytest

from tests.judges.case import (
    ACCEPTED,
    DSS,
    OPENSC,
    OURS,
    PASSED,
    PDF_A,
    PDFSIG,
    REPORT,
    TRUSTED,
    VERAPDF,
    Verdict,
)
from tests.judges.cases import CASES
from tests.judges.judges import read_pdfsig

_GOOD = {
    DSS: "TOTAL_PASSED",
    REPORT: "TOTAL_PASSED",
    VERAPDF: PDF_A,
    PDFSIG: TRUSTED,
    OPENSC: "valid",
    OURS: ACCEPTED,
}


@pytest.mark.parametrize("judge", _GOOD)
def test_each_judge_must_accept_and_must_refuse(judge: str) -> None:
    wanted = [case.expected[judge] for case in CASES if judge in case.expected]
    good = [word.startswith(_GOOD[judge]) for word in wanted]
    assert set(good) == {True, False}


def test_each_attack_is_refused_by_somebody() -> None:
    attacks = [case for case in CASES if case.file.startswith("attack-")]
    assert len(attacks) >= 3
    for case in attacks:
        assert any(not word.startswith(_GOOD[judge]) for judge, word in case.expected.items()), case.file


def test_another_word_than_the_expected_one_is_wrong() -> None:
    verdict = Verdict(file="form-signed.pdf", judge=DSS, expected=PASSED, said=f"{PASSED}; {PASSED}")
    assert verdict.model_dump()["ok"] is False
    assert verdict.model_copy(update={"said": PASSED}).ok


@pytest.mark.parametrize(
    ("output", "said"),
    [
        ("File 'form.pdf' does not contain any signatures\n", ""),
        (
            "Signature #1:\n  - Signature Validation: Signature is Valid.\n"
            "  - Certificate Validation: Certificate is Trusted.\n"
            "Signature #2:\n  - Signature Validation: Digest Mismatch.\n",
            f"{TRUSTED}; Digest Mismatch",
        ),
    ],
)
def test_words_of_pdfsig(output: str, said: str) -> None:
    assert read_pdfsig(output) == said
