"""`python -m deploy.local up|down|doctor|clock TO|demo|keep`: what the Makefile and the stack call."""

import argparse
import sys
from contextlib import closing

from deploy.local.clock.clock import advance, connect_clock, describe, parse
from deploy.local.demo.demo import demo, populate
from deploy.local.host.problem import StackProblem
from deploy.local.people.caller import Caller, CallRefused
from deploy.local.stack import doctor
from deploy.local.stack.stack import Stack
from deploy.local.texts import both, line
from shared.time.clock import SystemClock


def _say(line: str) -> None:
    print(line, flush=True)


def _tell(piece: str) -> None:
    print(piece, end="", flush=True)


def _up(stack: Stack) -> int:
    stack.start(_tell)
    settings = stack.environment.settings()
    with closing(Caller(stack)) as caller, connect_clock(settings) as (clock, drain):
        populate(caller, clock, drain, _tell)
        time = list(describe(clock, stack.directory))
    page = stack.pages.url
    _say(f"\n{line('up.running')}. {line('up.stop')}. {line('up.logs')}: {stack.directory / 'logs'}")
    _say(f"  {line('up.addresses'):<30}{page}/")
    _say(f"  {line('up.mail'):<30}{page}/mail   (SMTP {stack.ports.smtp})")
    _say(f"  {line('up.people'):<30}{page}/people")
    _say(f"    desk, desk-2, ops, ops-2, {both('up.refs').vi}")
    _say(f"    curl -X POST {page}/people/ops/token")
    for each in time:
        _say(f"  {each}")
    return 0


def _demo(stack: Stack) -> int:
    return demo(stack, _say, _tell)


def _down() -> int:
    """Stop the plain and the secured stack: they share their ports, so only one of them can be running."""
    stopped = [name for one in Stack.every() for name in one.stop()]
    said = f"{line('up.stopped')}: {', '.join(stopped)}" if stopped else line("up.nothing_ran")
    _say(said)
    return 0


def _keep(stack: Stack) -> int:
    clock = SystemClock()
    stack.keep(lambda line: _say(f"{clock.now():%Y-%m-%d %H:%M:%S}Z {line}"))
    return 0


def _doctor(stack: Stack) -> int:
    return 0 if doctor.report(stack) else 1


def _clock(stack: Stack, to: str) -> int:
    """Without `to`: say the present time and how to move it."""
    instant = parse(to) if to else None
    if not stack.up:
        raise StackProblem(*both("stack.not_running"))
    with connect_clock(stack.environment.settings()) as (clock, drain):
        if instant:
            advance(clock, instant, drain, _say)
        else:
            for each in (*describe(clock, stack.directory), line("clock.write_time")):
                _say(each)
    return 0


def _run(chosen: argparse.Namespace) -> int:
    if chosen.command == "down":
        return _down()
    stack = Stack.from_env()
    if chosen.command == "clock":
        return _clock(stack, chosen.to)
    return {"up": _up, "demo": _demo, "doctor": _doctor, "keep": _keep}[chosen.command](stack)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m deploy.local")
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("up", "demo", "down", "doctor", "keep"):
        commands.add_parser(name)
    commands.add_parser("clock").add_argument("to", nargs="?", default="")
    return parser.parse_args()


def main() -> int:
    try:
        return _run(_arguments())
    except StackProblem as problem:
        print(problem, file=sys.stderr)
        return 1
    except CallRefused as refusal:
        refused = StackProblem(
            *both("stack.refused"),
            str(refusal),
        )
        print(refused, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"\n{line('up.interrupted')}", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
