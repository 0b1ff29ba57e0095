"""Starts the process of a service, `python -m services.NAME`.

Spawned worker processes import the parent's `__main__` again. `run` loads the service only in the process
that serves, so a rendering process of renewal starts in half the time.
"""

import gc
from importlib import import_module


def run(module: str) -> None:
    """Load `module` and call its `main`. Garbage collection is off while it loads: nothing of it becomes
    garbage, and the collector's searches would take a fifth of the time."""
    gc.disable()
    main = import_module(module).main
    gc.enable()
    main()
