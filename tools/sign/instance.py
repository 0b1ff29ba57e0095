"""The tool's port, and whether the tool runs already."""

import http.client
import json
import socket
import sys
from collections.abc import Sequence

_PROBE_S = 2.0


def find_running(ports: Sequence[int]) -> int | None:
    """The port of a tool that answers on this computer."""
    return next((port for port in ports if _is_tool(port)), None)


def listen(ports: Sequence[int]) -> tuple[socket.socket, int] | None:
    """A socket on the first free port of the loopback address; None if others hold them all."""
    for port in ports:
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        if sys.platform == "win32":
            # There SO_REUSEADDR would let another program take the same port.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
            # Two sockets may be bound with SO_REUSEADDR; only one of them can listen.
            listener.listen()
        except OSError:
            listener.close()
            continue
        return listener, port
    return None


def _is_tool(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_PROBE_S)
    try:
        connection.request("GET", "/v1/tool", headers={"Origin": f"http://127.0.0.1:{port}"})
        body = json.loads(connection.getresponse().read(4096))
        return isinstance(body, dict) and body.get("tool") == "giahan-sign"
    except (OSError, ValueError, http.client.HTTPException):
        return False
    finally:
        connection.close()
