"""How the process of a service begins, `python -m services.NAME`.

Worker processes that are spawned import the parent's `__main__` once more. So it loads the service only
when it is the one that runs: a rendering process of renewal starts in half the time.
"""

import gc
from importlib import import_module


def run(module: str) -> None:
    """Load `module` and call its `main`. All that is loaded stays: looking for reference cycles in it
    meanwhile, again and again, takes a fifth of the time."""
    gc.disable()
    main = import_module(module).main
    gc.enable()
    main()
