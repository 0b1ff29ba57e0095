"""The real program, as a person starts it."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from deploy.local.host.ports import free_port
from tests.tools.sign.conftest import Office
from tests.tools.sign.served import SITE

ROOT = Path(__file__).parents[3]
_PACKAGE = os.environ.get("GIAHAN_PACKAGE")
"""The program of a package (tools/sign/package.py), to test that one instead of the code."""
PROGRAM = [_PACKAGE] if _PACKAGE else [sys.executable, "-m", "tools.sign"]
_WITHIN_S = 120.0


def environment(office: Office, folder: Path, *ports: int, **more: str) -> dict[str, str]:
    return os.environ | {
        "GIAHAN_SIGN_FOLDER": str(folder),
        "GIAHAN_SIGN_LIBRARIES": json.dumps([office.library]),
        "GIAHAN_SIGN_PORTS": json.dumps(ports),
        "SOFTHSM2_CONF": str(office.configuration),
        **more,
    }


@dataclass
class RunningTool:
    """`log` has everything that the program writes."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path
    site: httpx.Client
    _pages: ThreadPoolExecutor = field(default_factory=ThreadPoolExecutor)

    def ask(self, path: str, body: dict[str, Any]) -> "Future[httpx.Response]":
        """Send the request, and go on while the person is asked."""
        return self._pages.submit(self.site.post, path, json=body)

    def stop(self) -> str:
        """End the program as Ctrl-C does. Returns all that it wrote."""
        self.process.terminate()
        self.process.wait()
        self._pages.shutdown()
        return self.log.read_text()


@contextmanager
def run_tool(office: Office, folder: Path, *held: int, **more: str) -> Iterator[RunningTool]:
    """Run the tool on a port of its own, after those that are `held`. `more` are environment variables."""
    port = free_port()
    log = folder / "log"
    with (
        log.open("wb") as output,
        httpx.Client(
            base_url=f"http://127.0.0.1:{port}",
            headers={"Origin": SITE},
            timeout=120,
            trust_env=False,
            verify=False,
        ) as site,
        subprocess.Popen(
            [*PROGRAM, "--verbose"],
            cwd=ROOT,
            env=environment(office, folder, *held, port, **more),
            stdout=output,
            stderr=output,
        ) as process,
    ):
        running = RunningTool(process, port, log, site)
        try:
            wait_for_port(site, process)
            yield running
        finally:
            running.stop()


def wait_for_port(site: httpx.Client, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _WITHIN_S
    while True:
        try:
            site.get("/v1/tool").raise_for_status()
            return
        except httpx.TransportError:
            assert process.poll() is None, "the tool ended"
            assert time.monotonic() < deadline, "the tool does not answer"
            time.sleep(0.02)


def shows(secret: str, text: str) -> bool:
    """Whether the text has the secret, in whatever case, plainly, in hex or escaped."""
    forms = (secret, secret.encode().hex(), json.dumps(secret)[1:-1])
    return any(re.search(re.escape(form), text, re.IGNORECASE) for form in forms)
