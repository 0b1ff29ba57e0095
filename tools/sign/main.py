"""Starts the signing tool, or manages the list of allowed sites."""

import argparse
import logging
import sys
from datetime import UTC, datetime

import uvicorn
from pydantic import ValidationError

from tools.sign import VERSION
from tools.sign.child import Work
from tools.sign.confirmation import console, window
from tools.sign.confirmation.person import LocalPerson
from tools.sign.instance import find_running, listen
from tools.sign.pairings import Pairings
from tools.sign.routes import build_app
from tools.sign.settings import SignToolSettings
from tools.sign.texts import words
from tools.sign.tokens.libraries import known_paths, own_system
from tools.sign.tokens.tokens import Tokens
from tools.sign.tool import SigningTool

_WAYS: dict[str, tuple[Work, ...]] = {
    "auto": (window.ask, console.ask),
    "window": (window.ask,),
    "console": (console.ask,),
}


def main(arguments: list[str] | None = None) -> int:
    """The exit code: 0 is well, 1 no free port, 2 settings or arguments that cannot be used."""
    options = _parser().parse_args(arguments)
    try:
        settings = SignToolSettings()
    except ValueError as error:
        print(words("start", "settings", what=_first_mistake(error)).line, file=sys.stderr)
        return 2
    pairings = Pairings(settings.folder / "origins.json", settings.origins)
    if options.list:
        return _list(pairings)
    if options.forget:
        return _forget(pairings, options.forget)
    _start_log(settings, verbose=options.verbose)
    return _run(settings, pairings, "console" if options.console else settings.ask)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="giahan-sign", description=__doc__)
    parser.add_argument("--console", action="store_true", help="ask on this terminal, not in a window")
    parser.add_argument("--verbose", action="store_true", help="log every request")
    parser.add_argument("--list", action="store_true", help="list the sites that are allowed")
    parser.add_argument("--forget", metavar="ORIGIN", help="allow a site no longer")
    parser.add_argument("--version", action="version", version=VERSION)
    return parser


def _first_mistake(error: ValueError) -> str:
    """A ValidationError names its field apart; of the others the words are enough."""
    if not isinstance(error, ValidationError):
        return str(error)
    first = error.errors(include_input=False)[0]
    return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"


def _list(pairings: Pairings) -> int:
    for origin in sorted({*pairings.preset, *pairings.stored()}):
        print(origin)
    if not pairings.preset and not pairings.stored():
        print(words("start", "no_pairings").line)
    return 0


def _forget(pairings: Pairings, origin: str) -> int:
    if pairings.forget(origin):
        print(words("start", "forgotten", origin=origin).line)
        return 0
    reason = "preset" if origin in pairings.preset else "unknown"
    print(words("start", reason, origin=origin).line, file=sys.stderr)
    return 2


def _start_log(settings: SignToolSettings, *, verbose: bool) -> None:
    logging.basicConfig(
        level=logging.DEBUG if verbose else logging.INFO,
        filename=settings.log,
        format="%(asctime)s %(levelname)s %(message)s",
    )
    # These write of their own inner life; of requests the tool writes itself.
    for name in ("asyncio", "uvicorn"):
        logging.getLogger(name).setLevel(logging.WARNING)


def _run(settings: SignToolSettings, pairings: Pairings, ask: str) -> int:
    running = find_running(settings.ports)
    if running is not None:
        print(words("start", "already", port=running).line)
        return 0
    found = listen(settings.ports)
    if found is None:
        print(words("start", "no_port", ports=", ".join(map(str, settings.ports))).line, file=sys.stderr)
        return 1
    listener, port = found
    paths = [str(path) for path in settings.libraries] or known_paths(own_system())
    tool = SigningTool(
        pairings=pairings,
        tokens=Tokens(paths, settings.token_seconds),
        person=LocalPerson(_WAYS[ask], settings.answer_seconds),
        now=lambda: datetime.now(UTC),
    )
    print(words("start", "ready", port=port).line, flush=True)
    logging.getLogger(__name__).info("tool.started version=%s port=%d", VERSION, port)
    config = uvicorn.Config(
        build_app(tool, port),
        http="h11",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=1,
    )
    uvicorn.Server(config).run(sockets=[listener])
    return 0
