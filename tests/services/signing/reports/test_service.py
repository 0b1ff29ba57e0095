"""As of which moment a signed file is judged for the dossiers."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from services.signing.domain.form import open_form
from services.signing.domain.level import SignatureLevel
from services.signing.domain.preservation import PreservedFile
from services.signing.pades.inspection.inspection import Inspection
from services.signing.reports.service import ReportService
from tests.services.signing.factory import NOW, OFFICE, RENEWAL, document, registered
from tests.support.clock import FixedClock

LISTED = NOW - timedelta(days=3)


class Inspector:
    async def inspect(self, pdf: bytes, moment: datetime | None) -> Inspection:
        return Inspection(moment or NOW - timedelta(days=9), 1, (), ())


class Nothing:
    async def find(self, sha256: str) -> None:
        return None

    async def get(self, sha256: str) -> bytes:
        return b"%PDF"


@pytest.mark.parametrize(
    ("kind", "listed_at", "judged_at"),
    [
        ("signed_form", LISTED, LISTED),
        ("signed_contract", LISTED, LISTED),
        ("signed_form", None, NOW),
        ("sealed_contract", LISTED, NOW - timedelta(days=9)),
    ],
)
async def test_a_replaced_signature_is_judged_as_of_its_listing(
    kind: Any, listed_at: datetime | None, judged_at: datetime
) -> None:
    parts: Any = (Inspector(), Nothing(), None, Nothing(), FixedClock(NOW), 60.0)
    file = PreservedFile(
        renewal_id=RENEWAL,
        office_ref=OFFICE,
        kind=kind,
        document=document("replaced"),
        signed_level=SignatureLevel.BASIC,
        due=NOW,
        listed_at=listed_at,
    )
    report = await ReportService(*parts).of_file(file, open_form(registered()).state, None)
    assert report.judged_at == judged_at
