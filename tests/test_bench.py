"""The report of `make bench`: it survives an interruption, is kept measurement by measurement, and tells how
long the next run takes."""

from datetime import date
from pathlib import Path

from tests.bench.machine import Machine
from tests.bench.result import compare
from tests.bench.run_report import Measurement, RunReport, expected_seconds

MACHINE = Machine(cores=2, processor="a processor", memory=8.0, fsync=1.5)
DAY = date(2026, 5, 4)
GROUPS = {
    "relay": "plumbing",
    "copies": "plumbing",
    "latency": "plumbing",
    "midnight": "lifecycle",
    "idle": "idle",
}
KEPT = Path(__file__).parents[1] / "docs" / "reference" / "performance.json"


def _report(scale: str = "full", day: date = DAY, **seconds: float) -> RunReport:
    return RunReport(
        measurements={
            name: Measurement(
                results=[compare(name, 50.0, 100.0, at_least=0.8, note="a note")],
                seconds=taken,
                scale=scale,
                machine=MACHINE,
                day=day,
            )
            for name, taken in seconds.items()
        }
    )


def test_report_is_read_as_it_was_written(tmp_path: Path) -> None:
    report, file = _report(relay=12.5), tmp_path / "bench" / "report.json"
    report.write(file, GROUPS)
    assert RunReport.read(file) == report
    assert file.with_suffix(".md").read_text() == report.markdown(GROUPS)


def test_table_for_people_has_each_result_its_machine_its_day_and_its_time() -> None:
    written = _report(relay=12.5, midnight=640.0).markdown(GROUPS)
    assert "| relay | 50.0 | events/s | 100.0 | 0.50 | ratio >= 0.8 | NOT MET | a note |" in written
    assert "`relay` (12 s): 2026-05-04, scale full, 2 cores (a processor), 8 GB, fsync 1.5 ms." in written
    assert "`midnight` (11 min): 2026-05-04" in written


def test_each_group_says_its_own_days() -> None:
    report = _report(relay=1.0, copies=2.0, idle=3.0)
    report.measurements |= _report(day=date(2026, 6, 7), latency=4.0).measurements
    plumbing, _, rest = report.markdown(GROUPS).partition("## idle")
    assert "`relay` (1 s), `copies` (2 s): 2026-05-04" in plumbing
    assert "`latency` (4 s): 2026-06-07" in plumbing
    assert "`idle` (3 s): 2026-05-04" in rest


def test_what_is_not_measured_yet_is_named() -> None:
    some = _report(relay=1.0, idle=1.0)
    assert "**Not measured yet**: `copies`, `latency`, `midnight`." in some.markdown(GROUPS)
    whole = _report(relay=1.0, copies=1.0, latency=1.0, midnight=1.0, idle=1.0)
    assert "Not measured" not in whole.markdown(GROUPS)


def test_the_kept_table_is_of_full_scale_and_can_be_read() -> None:
    kept = RunReport.read(KEPT)
    assert kept is not None
    assert {one.scale for one in kept.measurements.values()} <= {"full"}


def test_no_earlier_run_is_an_estimate_of_nothing(tmp_path: Path) -> None:
    (tmp_path / "other.json").write_text('[{"name": "from an earlier release"}]')
    earlier = [RunReport.read(tmp_path / name) for name in ("missing.json", "other.json")]
    assert earlier == [None, None]
    assert expected_seconds(["relay"], "full", *earlier) == {}


def test_the_first_earlier_run_of_the_scale_counts() -> None:
    runs = (_report("small", relay=1.0), _report(relay=2.0), _report(relay=3.0, gate=4.0, idle=9.0))
    assert expected_seconds(["relay", "gate", "peers"], "full", *runs) == {"relay": 2.0, "gate": 4.0}


def test_this_machine_is_described() -> None:
    here = Machine.here()
    assert here.cores >= 1
    assert here.memory > 0
    assert here.fsync >= 0
