"""`python -m services.renewal.render.preview [--port 8190] [--templates FOLDER]`: previews templates.

It is a command and not a route of the service, because the service never loads the layout engine and must not
serve samples. It listens only on this machine and reads only the templates.
"""

import argparse
from pathlib import Path

import uvicorn

from services.renewal.render.preview.app import build
from services.renewal.render.renderer import TEMPLATES


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m services.renewal.render.preview")
    parser.add_argument("--port", type=int, default=8190)
    parser.add_argument("--templates", type=Path, default=TEMPLATES)
    arguments = parser.parse_args()
    print(f"http://127.0.0.1:{arguments.port}/  (Ctrl+C: dừng / stop)", flush=True)  # noqa: T201
    uvicorn.run(build(arguments.templates), host="127.0.0.1", port=arguments.port, log_level="warning")


if __name__ == "__main__":
    main()
