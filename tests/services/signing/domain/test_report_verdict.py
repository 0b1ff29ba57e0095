"""The verdict on a signature, by the rules of ETSI EN 319 102-1."""

from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.signing.domain.report.facts import (
    Chain,
    Revocation,
    SignatureFacts,
    SignerCertificate,
    Strength,
    TimeStampFacts,
)
from services.signing.domain.report.level import LevelEvidence, level_of
from services.signing.domain.report.report import JudgedSignature, ValidationReport, judge_all
from services.signing.domain.report.verdict import (
    Indication,
    SignatureVerdict,
    SubIndication,
    judge,
    judge_file,
)

NOW = datetime(2026, 11, 25, 2, 30, tzinfo=UTC)
YEAR, DAY = timedelta(days=365), timedelta(days=1)
GOOD = Revocation(status="good")
MOMENTS = st.timedeltas(timedelta(0), 10 * YEAR).map(lambda since: NOW - 5 * YEAR + since)


def certificate(**changed: Any) -> SignerCertificate:
    known = {
        "holder": "Sở Tài chính",
        "authority": "CA",
        "serial": "1f",
        "fingerprint": "ab" * 32,
        "valid_from": NOW - YEAR,
        "valid_to": NOW + YEAR,
    }
    return SignerCertificate(**{**known, **changed})


def good(**changed: Any) -> SignatureFacts:
    known = {
        "field": "office",
        "certificate": certificate(),
        "intact": True,
        "genuine": True,
        "coverage": "file",
        "chain": "trusted",
        "revocation": GOOD,
        "existed_at": NOW,
    }
    return SignatureFacts(**{**known, **changed})


def revoked(at: datetime, *, of_authority: bool = False) -> Revocation:
    return Revocation(status="revoked", revoked_at=at, of_authority=of_authority)


def stamped(at: datetime, *, valid: bool = True) -> TimeStampFacts:
    return TimeStampFacts(time=at, authority="TSA", valid=valid)


@st.composite
def any_facts(draw: st.DrawFn) -> SignatureFacts:
    start = draw(MOMENTS)
    status = draw(st.sampled_from(["good", "revoked", "unknown"]))
    at = draw(MOMENTS) if status == "revoked" else None
    return SignatureFacts(
        field="office",
        readable=draw(st.booleans()),
        certificate=draw(
            st.none()
            | st.just(certificate(valid_from=start, valid_to=start + draw(st.timedeltas(DAY, YEAR))))
        ),
        intact=draw(st.booleans()),
        genuine=draw(st.booleans()),
        coverage=draw(st.sampled_from(["file", "revision", "part"])),
        changes=draw(st.sampled_from(["none", "evidence", "signatures", "forbidden"])),
        chain=draw(st.sampled_from(get_args(Chain))),
        strength=draw(st.sampled_from(get_args(Strength))),
        revocation=Revocation(status=status, revoked_at=at, of_authority=draw(st.booleans())),
        existed_at=draw(MOMENTS),
        made_after=draw(st.none() | MOMENTS),
    )


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, "TOTAL_PASSED"),
        ({"readable": False}, "TOTAL_FAILED FORMAT_FAILURE"),
        ({"coverage": "part"}, "TOTAL_FAILED FORMAT_FAILURE"),
        ({"changes": "forbidden"}, "TOTAL_FAILED FORMAT_FAILURE"),
        ({"changes": "signatures", "coverage": "revision"}, "TOTAL_PASSED"),
        ({"intact": False}, "TOTAL_FAILED HASH_FAILURE"),
        ({"genuine": False}, "TOTAL_FAILED SIG_CRYPTO_FAILURE"),
        ({"certificate": None, "intact": False}, "INDETERMINATE NO_SIGNING_CERTIFICATE_FOUND"),
        ({"chain": "none"}, "INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND"),
        ({"chain": "broken"}, "INDETERMINATE CERTIFICATE_CHAIN_GENERAL_FAILURE"),
        ({"chain": "constraints"}, "INDETERMINATE CHAIN_CONSTRAINTS_FAILURE"),
        ({"strength": "refused"}, "INDETERMINATE CRYPTO_CONSTRAINTS_FAILURE"),
        ({"strength": "outdated"}, "INDETERMINATE CRYPTO_CONSTRAINTS_FAILURE_NO_POE"),
        ({"revocation": Revocation(status="unknown")}, "INDETERMINATE TRY_LATER"),
        ({"revocation": revoked(NOW - DAY)}, "INDETERMINATE REVOKED_NO_POE"),
        ({"revocation": revoked(NOW + DAY)}, "TOTAL_PASSED"),
        ({"revocation": revoked(NOW - DAY, of_authority=True)}, "INDETERMINATE REVOKED_CA_NO_POE"),
        ({"revocation": revoked(NOW - DAY), "made_after": NOW - 2 * DAY}, "INDETERMINATE REVOKED_NO_POE"),
        ({"revocation": revoked(NOW - 2 * DAY), "made_after": NOW - DAY}, "TOTAL_FAILED REVOKED"),
        ({"existed_at": NOW + 2 * YEAR}, "INDETERMINATE OUT_OF_BOUNDS_NOT_REVOKED"),
        (
            {"existed_at": NOW + 2 * YEAR, "revocation": Revocation(status="unknown")},
            "INDETERMINATE OUT_OF_BOUNDS_NO_POE",
        ),
        ({"existed_at": NOW + 3 * YEAR, "made_after": NOW + 2 * YEAR}, "TOTAL_FAILED EXPIRED"),
        ({"existed_at": NOW - 2 * YEAR}, "TOTAL_FAILED NOT_YET_VALID"),
        ({"existed_at": NOW - 2 * YEAR, "chain": "none"}, "INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND"),
    ],
)
def test_verdict(changed: dict[str, Any], said: str) -> None:
    assert str(judge(good(**changed))) == said


@given(any_facts())
def test_only_a_signature_without_any_defect_passes(facts: SignatureFacts) -> None:
    found = judge(facts)
    assert (found.sub_indication is None) == (found.indication is Indication.TOTAL_PASSED)
    if found.indication is Indication.TOTAL_PASSED:
        own, at = facts.certificate, facts.existed_at
        assert own is not None
        assert at is not None
        assert (facts.readable, facts.intact, facts.genuine, facts.strength) == (True, True, True, "good")
        assert (facts.chain, facts.changes == "forbidden", facts.coverage == "part") == (
            "trusted",
            False,
            False,
        )
        assert own.valid_from <= at <= own.valid_to
        assert facts.revocation.status != "unknown"
        assert not (facts.revocation.revoked_at and facts.revocation.revoked_at <= at)


@given(st.timedeltas(timedelta(0), YEAR), st.none() | MOMENTS)
def test_earlier_proof_within_the_period_changes_nothing(
    before: timedelta, revoked_at: datetime | None
) -> None:
    """Who passes now also passed earlier, while the certificate was valid."""
    later = good(revocation=revoked(revoked_at) if revoked_at else GOOD)
    earlier = later.model_copy(update={"existed_at": NOW - before})
    if judge(later).indication is Indication.TOTAL_PASSED:
        assert judge(earlier).indication is Indication.TOTAL_PASSED
    else:
        assert judge(later).sub_indication is SubIndication.REVOKED_NO_POE


@given(st.lists(st.sampled_from(list(Indication)[:3])))
def test_file_is_as_good_as_its_worst_signature(found: list[Indication]) -> None:
    whole = judge_file(SignatureVerdict(indication=one) for one in found)
    if not found:
        assert whole is Indication.NO_SIGNATURE_FOUND
    elif Indication.TOTAL_FAILED in found:
        assert whole is Indication.TOTAL_FAILED
    else:
        assert (whole is Indication.TOTAL_PASSED) == (set(found) == {Indication.TOTAL_PASSED})


def test_every_sub_indication_is_given_by_some_facts() -> None:
    given = {case.rpartition(" ")[2] for _, case in test_verdict.pytestmark[0].args[1]}
    assert given - {"TOTAL_PASSED"} == set(SubIndication)


@pytest.mark.parametrize(
    ("found", "level"),
    [
        ((True, False, False, False), "PAdES-BASELINE-B"),
        ((True, True, False, False), "PAdES-BASELINE-T"),
        ((True, True, True, False), "PAdES-BASELINE-LT"),
        ((True, True, True, True), "PAdES-BASELINE-LTA"),
        ((True, False, True, False), "PAdES-BASELINE-B"),
        ((True, True, False, True), "PAdES-BASELINE-T"),
        ((False, True, True, False), "PKCS7-LT"),
    ],
)
def test_level(found: tuple[bool, bool, bool, bool], level: str) -> None:
    assert level_of(LevelEvidence(*found)) == level


@pytest.mark.parametrize(
    ("changed", "valid"),
    [
        ({"stated_at": NOW}, True),
        ({"stated_at": NOW, "existed_at": NOW + 2 * YEAR}, None),
        ({"time_stamp": stamped(NOW), "existed_at": NOW + 2 * YEAR}, True),
        ({"time_stamp": stamped(NOW, valid=False), "stated_at": NOW, "existed_at": NOW + 2 * YEAR}, None),
        ({"stated_at": NOW + 2 * YEAR}, False),
        ({"stated_at": NOW, "revocation": revoked(NOW - DAY)}, False),
        ({"stated_at": NOW - 2 * DAY, "revocation": revoked(NOW - DAY)}, None),
        ({"time_stamp": stamped(NOW - 2 * DAY), "revocation": revoked(NOW - DAY)}, True),
        ({"stated_at": NOW - 2 * DAY, "existed_at": NOW, "revocation": revoked(NOW + DAY)}, True),
        ({"stated_at": NOW, "revocation": Revocation(status="unknown")}, None),
        ({"stated_at": None}, None),
        ({"stated_at": NOW, "chain": "none"}, None),
    ],
)
def test_validity_at_signing(changed: dict[str, Any], valid: bool | None) -> None:
    facts = good(**changed)
    assert JudgedSignature(facts=facts, verdict=judge(facts)).valid_at_signing is valid


def test_a_report_waits_for_what_could_still_decide_it() -> None:
    """It is not kept: an authority could answer, a root or a list could be set."""

    def report(*signatures: SignatureFacts) -> ValidationReport:
        about = {"sha256": "ab" * 32, "size": 1, "pages": 1, "judged_at": NOW, "made_at": NOW}
        return ValidationReport(**about, signatures=judge_all(signatures), time_stamps=())

    assert report(good(), good(intact=False)).is_final
    assert not report().is_final
    for chain in ("none", "broken", "constraints"):
        assert not report(good(intact=False), good(chain=chain)).is_final
    assert not report(good(), good(revocation=Revocation(status="unknown"))).is_final
