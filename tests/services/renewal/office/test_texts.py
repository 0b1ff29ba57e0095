"""Whatever the progress line or the offer says has a text."""

from services.renewal.domain.registration.offer import WayBack
from services.renewal.office.texts import CATALOGUE, NEXT_STEPS, POINTS
from shared.progress.next_step import NextStep
from shared.progress.point import PointDetail, PointState


def test_every_point_step_and_way_has_its_text() -> None:
    assert POINTS.keys() == set(PointDetail)
    assert NEXT_STEPS.keys() == set(NextStep)
    assert CATALOGUE.part("line").keys() >= set(PointState)
    assert CATALOGUE.part("ways").keys() == {
        "reviewed",
        *(f"{way}{end}" for way in WayBack for end in ("", "_time")),
    }
