"""`python -m deploy.local up|down|doctor|clock|demo`: what the Makefile calls."""

import argparse
import sys

from deploy.local import doctor
from deploy.local.problem import Problem
from deploy.local.stack import Stack


def _say(line: str) -> None:
    print(line, flush=True)


def _tell(piece: str) -> None:
    print(piece, end="", flush=True)


def _up(stack: Stack) -> int:
    stack.start(_tell)
    page = stack.pages.url
    _say(f"\nĐang chạy / running. `make down` để dừng / stops it. Nhật ký / logs: {stack.directory / 'logs'}")
    _say(f"  mọi địa chỉ / all addresses   {page}/")
    _say(f"  thư đã gửi / mail             {page}/mail   (SMTP {stack.ports.smtp})")
    _say(f"  người dùng / people           {page}/people")
    _say("    desk, ops, renewer-MÃ_ĐƠN_VỊ, member-MÃ_ĐƠN_VỊ")
    _say(f"    curl -X POST {page}/people/ops/token")
    return 0


def _down(stack: Stack) -> int:
    stopped = stack.stop()
    _say(
        f"Đã dừng / stopped: {', '.join(stopped)}"
        if stopped
        else "Không có gì đang chạy / nothing was running"
    )
    return 0


def _doctor(stack: Stack) -> int:
    return 0 if doctor.report(stack) else 1


_COMMANDS = {"up": _up, "down": _down, "doctor": _doctor}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m deploy.local")
    parser.add_argument("command", choices=_COMMANDS)
    chosen = parser.parse_args()
    try:
        return _COMMANDS[chosen.command](Stack.from_env())
    except Problem as problem:
        print(problem, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nĐã dừng theo yêu cầu / interrupted", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
