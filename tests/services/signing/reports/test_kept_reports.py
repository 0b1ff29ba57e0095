"""The report on a document of ours stays as it was first made. On real MongoDB."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from services.signing.domain.report.report import ValidationReport
from services.signing.reports.kept_reports import KeptReports
from shared.runtime.settings import Settings
from shared.storage import mongo

AT = datetime(2026, 11, 25, 2, 30, tzinfo=UTC)


@pytest.fixture
async def kept(settings: Settings) -> AsyncIterator[KeptReports]:
    client = mongo.connect(settings.mongo.get_secret_value())
    yield KeptReports(client[settings.database("signing")]["validation_reports"])
    client.close()


def report(made_at: datetime) -> ValidationReport:
    return ValidationReport(
        sha256="ab" * 32, size=1, pages=1, judged_at=AT, made_at=made_at, signatures=(), time_stamps=()
    )


async def test_the_first_of_two_stays(kept: KeptReports) -> None:
    first, second = report(AT), report(AT + timedelta(seconds=1))
    assert await kept.find(first.sha256) is None
    assert await kept.keep(first) == first
    assert await kept.keep(second) == first
    assert await kept.find(first.sha256) == first
