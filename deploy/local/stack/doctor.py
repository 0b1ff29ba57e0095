"""Reports what this machine lacks for the stack, and what is wrong with a running stack."""

import importlib.util
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from ctypes.util import find_library
from dataclasses import dataclass
from pathlib import Path

import psutil

from deploy.local.host.ports import is_open
from deploy.local.servers import kafka, mongod
from deploy.local.stack.stack import LEAST_DISK_MB, Stack
from deploy.local.texts import line

_LIBRARIES = {
    "pango-1.0": "libpango-1.0-0",
    "pangoft2-1.0": "libpangoft2-1.0-0",
    "harfbuzz-subset": "libharfbuzz-subset0",
}
_TOOLS = {
    "certutil": "libnss3-tools",
    "fc-match": "fontconfig",
    "pdfsig": "poppler-utils",
    "setpriv": "util-linux",
}
_JUDGES = {"pkcs11-tool": "opensc", "javac": "openjdk-17-jdk-headless", "mvn": "maven"}
_LEAST_MEMORY_MB = 1500


@dataclass(frozen=True, slots=True)
class Finding:
    """`hint` says what to do if `ok` is false. The stack runs without what is `optional`."""

    what: str
    ok: bool
    detail: str
    hint: str = ""
    optional: bool = False

    def __str__(self) -> str:
        hint = "" if self.ok or not self.hint else f"  → {self.hint}"
        mark = "✓" if self.ok else "○" if self.optional else "✗"
        return f"{mark} {self.what:<24} {self.detail}{hint}"


def findings(stack: Stack) -> Iterator[Finding]:
    if stack.kafka:
        yield _java()
        jars = len(list(kafka.JARS.glob("*.jar")))
        yield Finding("Kafka (.run/jars)", jars > 0, f"{jars} {line('doctor.files')}", "make bootstrap")
    if stack.mongo:
        yield _mongod()
    for library, package in _LIBRARIES.items():
        found = find_library(library)
        yield Finding(package, found is not None, found or line("doctor.missing"), f"apt install {package}")
    for tool, package in _TOOLS.items():
        path = shutil.which(tool)
        yield Finding(tool, path is not None, path or line("doctor.missing"), f"apt install {package}")
    yield from _for_the_signing_tool()
    yield from _for_the_judges()
    yield from _room(stack)
    yield from _ports(stack)
    yield from _processes(stack)


def _for_the_signing_tool() -> Iterator[Finding]:
    """What the demo and the tests need (Chromium, SoftHSM), the tests alone (Tk, Xvfb), and what makes its
    package (binutils, libpython)."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    own = Path(sysconfig.get_config_var("LIBDIR"), sysconfig.get_config_var("INSTSONAME") or "none")
    found = {
        "chromium": shutil.which("chromium"),
        "softhsm2": shutil.which("softhsm2-util"),
        "python3-tk": _tk(),
        "xvfb": shutil.which("Xvfb"),
        "binutils": shutil.which("objdump"),
        f"libpython{version}": str(own) if own.exists() else find_library(f"python{version}"),
    }
    yield from (_optional(package, place, "doctor.signing_tool") for package, place in found.items())


def _for_the_judges() -> Iterator[Finding]:
    for tool, package in _JUDGES.items():
        yield _optional(package, shutil.which(tool), "doctor.judges")


def _optional(package: str, place: str | None, purpose: str) -> Finding:
    detail = place or f"{line('doctor.missing')}: {line(purpose)}"
    return Finding(package, place is not None, detail, f"apt install {package}", optional=True)


def _tk() -> str | None:
    spec = importlib.util.find_spec("_tkinter")
    return spec.origin if spec else None


def _java() -> Finding:
    path = kafka.java()
    hint = "apt install openjdk-17-jre-headless"
    if path is None:
        return Finding("Java", False, line("doctor.missing"), hint)
    said = _first_line(path, "-version")
    digits = said.partition('"')[2].partition(".")[0]
    return Finding("Java", digits.isdecimal() and int(digits) >= 17, said, f"Java ≥ 17: {hint}")


def _mongod() -> Finding:
    path = mongod.executable()
    if path is None:
        return Finding("mongod", False, line("doctor.missing"), "make bootstrap")
    said = _first_line(path, "--version")
    return Finding("mongod", said.startswith("db version"), said, "apt install libcurl4")


def _first_line(*command: str) -> str:
    try:
        result = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    return next(iter((result.stdout + result.stderr).splitlines()), "")


def _room(stack: Stack) -> Iterator[Finding]:
    stack.directory.mkdir(parents=True, exist_ok=True)
    disk = shutil.disk_usage(stack.directory).free >> 20
    yield _space("disk", disk, LEAST_DISK_MB, well=disk >= LEAST_DISK_MB)
    memory = psutil.virtual_memory().available >> 20
    enough = memory >= _LEAST_MEMORY_MB or stack.up
    yield _space("memory", memory, _LEAST_MEMORY_MB, well=enough)


def _space(what: str, free_mb: int, least_mb: int, *, well: bool) -> Finding:
    needs = f"{line('doctor.needs')} {least_mb} MB"
    return Finding(line(f"doctor.{what}"), well, f"{free_mb} MB {line('doctor.free')}", needs)


def _ports(stack: Stack) -> Iterator[Finding]:
    running = {process.name for process in stack.processes if process.pid is not None}
    for name, port in stack.wanted_ports(running).items():
        if is_open(port):
            yield Finding(
                f"{line('doctor.port')} {port}", False, f"{name}: {_holder(port)}", "GIAHAN_PORT_BASE"
            )
    yield Finding(line("doctor.ports"), True, ", ".join(f"{n} {p}" for n, p in stack.ports.named().items()))


def _holder(port: int) -> str:
    """The program that listens on `port`, if this user may know it."""
    try:
        connections = psutil.net_connections("tcp")
    except psutil.AccessDenied:
        connections = []
    for connection in connections:
        listens = connection.status == psutil.CONN_LISTEN and tuple(connection.laddr)[1:] == (port,)
        if listens and connection.pid:
            return f"{psutil.Process(connection.pid).name()} (pid {connection.pid})"
    return line("doctor.stranger")


def _processes(stack: Stack) -> Iterator[Finding]:
    """The dead processes of a stack that runs in part; nothing for a stack that does not run."""
    dead = [process for process in stack.processes if process.pid is None]
    if len(dead) == len(stack.processes):
        yield Finding(line("doctor.stack"), True, line("doctor.not_running"))
        return
    for process in dead:
        yield Finding(process.name, False, f"{line('doctor.stopped')}, {process.log}", "make up")
    if not dead:
        yield Finding(line("doctor.stack"), True, line("doctor.running"))


def report(stack: Stack) -> bool:
    """Print every finding, and the processes that died and were restarted. True if all that the stack needs
    is well."""
    well = True
    for finding in findings(stack):
        print(finding)
        well = well and (finding.ok or finding.optional)
    for death in stack.deaths():
        print(death)
    return well
