"""veraPDF, an independent validator of PDF/A. Maven fetches it at first use into .run/verapdf."""

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.support.maven import jars, version

_POM = Path(__file__).with_name("verapdf-pom.xml")


def verdicts(files: Sequence[Path]) -> dict[str, Any]:
    """veraPDF's result for each file against PDF/A-3b, by file name."""
    command = ["java", "-cp", f"{jars('verapdf', _POM)}/*", "org.verapdf.apps.GreenfieldCliWrapper"]
    command += ["--format", "json", "--flavour", "3b", *map(str, files)]
    result = subprocess.run(command, capture_output=True, text=True, timeout=200)
    jobs = json.loads(result.stdout)["report"]["jobs"]
    return {Path(job["itemDetails"]["name"]).name: job["validationResult"][0] for job in jobs}


def verapdf_version() -> str:
    return version(jars("verapdf", _POM), "greenfield-apps")
