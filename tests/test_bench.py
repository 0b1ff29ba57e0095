"""The report of `make bench`: it survives an interruption, and tells how long the next run takes."""

from pathlib import Path

from tests.bench.machine import Machine
from tests.bench.result import Result, compare
from tests.bench.run_report import RunReport, expected_seconds

MACHINE = Machine(cores=2, processor="a processor", memory=8.0, fsync=1.5)


def _report(scale: str = "full", **seconds: float) -> RunReport:
    results: list[Result] = [compare("relay", 50.0, 100.0, at_least=0.8, note="a note")]
    return RunReport(machine=MACHINE, scale=scale, seconds=seconds, results=results)


def test_report_is_read_as_it_was_written(tmp_path: Path) -> None:
    report = _report(relay=12.5)
    report.write(tmp_path / "bench")
    assert RunReport.read(tmp_path / "bench" / "report.json") == report


def test_table_for_people_has_each_result_its_machine_and_its_time() -> None:
    written = _report(relay=12.5, midnight=640.0).markdown()
    assert "| relay | 50.0 | events/s | 100.0 | 0.50 | ratio >= 0.8 | NOT MET | a note |" in written
    assert "2 cores (a processor), 8 GB, fsync 1.5 ms" in written
    assert "relay 12 s, midnight 11 min" in written


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
