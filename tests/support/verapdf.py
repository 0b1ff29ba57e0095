"""veraPDF, the independent judge of PDF/A, fetched with Maven at first use into .run/verapdf."""

import json
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

_ROOT = Path(__file__).parents[2]
_JARS = _ROOT / ".run/verapdf"
_POM = Path(__file__).with_name("verapdf-pom.xml")


def verdicts(files: Sequence[Path]) -> dict[str, Any]:
    """What veraPDF says of each file against PDF/A-3b, by file name.

    The test is skipped, with its reason, where Java is missing or Maven can't fetch it.
    """
    command = ["java", "-cp", f"{_jars()}/*", "org.verapdf.apps.GreenfieldCliWrapper"]
    command += ["--format", "json", "--flavour", "3b", *map(str, files)]
    said = subprocess.run(command, capture_output=True, text=True, timeout=200)
    jobs = json.loads(said.stdout)["report"]["jobs"]
    return {Path(job["itemDetails"]["name"]).name: job["validationResult"][0] for job in jobs}


def _jars() -> Path:
    if _JARS.is_dir():
        return _JARS
    if not (shutil.which("java") and shutil.which("mvn")):
        pytest.skip("veraPDF needs Java and Maven")
    new = _JARS.with_suffix(".new")
    shutil.rmtree(new, ignore_errors=True)
    fetch = ["mvn", "-B", "-ntp", "-q", "-f", str(_POM), "dependency:copy-dependencies"]
    fetch += ["-DincludeScope=runtime", f"-DoutputDirectory={new}"]
    if subprocess.run(fetch, capture_output=True, timeout=200).returncode:
        pytest.skip("Maven could not fetch veraPDF")
    return new.rename(_JARS)
