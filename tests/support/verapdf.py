"""veraPDF, an independent validator of PDF/A. Maven fetches it at first use into .run/verapdf."""

import json
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).parents[2]
_JARS = _ROOT / ".run/verapdf"
_POM = Path(__file__).with_name("verapdf-pom.xml")


def verdicts(files: Sequence[Path]) -> dict[str, Any]:
    """veraPDF's result for each file against PDF/A-3b, by file name."""
    command = ["java", "-cp", f"{_jars()}/*", "org.verapdf.apps.GreenfieldCliWrapper"]
    command += ["--format", "json", "--flavour", "3b", *map(str, files)]
    result = subprocess.run(command, capture_output=True, text=True, timeout=200)
    jobs = json.loads(result.stdout)["report"]["jobs"]
    return {Path(job["itemDetails"]["name"]).name: job["validationResult"][0] for job in jobs}


def _jars() -> Path:
    if _JARS.is_dir():
        return _JARS
    new = _JARS.with_suffix(".new")
    shutil.rmtree(new, ignore_errors=True)
    fetch = ["mvn", "-B", "-ntp", "-q", "-f", str(_POM), "dependency:copy-dependencies"]
    fetch += ["-DincludeScope=runtime", f"-DoutputDirectory={new}"]
    fetched = subprocess.run(fetch, capture_output=True, text=True, timeout=200)
    assert fetched.returncode == 0, fetched.stdout
    return new.rename(_JARS)
