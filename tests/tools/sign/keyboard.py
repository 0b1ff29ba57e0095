"""A screen without a monitor, and the keys of its keyboard."""

import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from PIL import Image
from Xlib import XK, X, display
from Xlib.error import BadWindow
from Xlib.ext import xtest
from Xlib.xobject.drawable import Window

T = TypeVar("T")
_WITHIN_S = 120.0
_KEYSYMS = {"-": "minus", " ": "space"}


class Screen:
    """An X server of the test's own. `press` and `type` act as the real keyboard does."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._display = display.Display(name)

    def close(self) -> None:
        self._display.close()

    def window(self) -> Window | None:
        """The tool's window, once it has the keyboard."""
        focus = self._display.get_input_focus().focus
        if isinstance(focus, int) or focus == self._root or not self._windows():
            return None
        return self._windows()[0]

    def wait_for_window(self) -> Window:
        return _until(self.window, "a window with the keyboard")

    def wait_for_no_window(self) -> None:
        _until(lambda: not self._windows(), "no window")

    def type(self, text: str) -> None:
        for letter in text:
            self.press(_KEYSYMS.get(letter, letter))

    def press(self, keysym: str) -> None:
        code = self._display.keysym_to_keycode(XK.string_to_keysym(keysym))
        for event in (X.KeyPress, X.KeyRelease):
            xtest.fake_input(self._display, event, code)
        self._display.sync()

    def picture(self, file: Path) -> None:
        """Write what the window shows."""
        window = self.wait_for_window()
        size = window.get_geometry()
        raw = window.get_image(0, 0, size.width, size.height, X.ZPixmap, 0xFFFFFFFF)
        Image.frombytes("RGB", (size.width, size.height), raw.data, "raw", "BGRX").save(file)

    @property
    def _root(self) -> Window:
        return self._display.screen().root

    def _windows(self) -> list[Window]:
        return [one for one in self._root.query_tree().children if _is_viewable(one)]


def _is_viewable(window: Window) -> bool:
    """Not so for one that was closed since it was listed."""
    try:
        return bool(window.get_attributes().map_state == X.IsViewable)
    except BadWindow:
        return False


def _until(ask: Callable[[], T | None], what: str) -> T:
    deadline = time.monotonic() + _WITHIN_S
    while not (found := ask()):
        assert time.monotonic() < deadline, f"did not come: {what}"
        time.sleep(0.02)
    return found


@contextmanager
def open_screen() -> Iterator[Screen]:
    """`make bootstrap` installs Xvfb."""
    command = ["Xvfb", "-displayfd", "1", "-screen", "0", "1024x768x24", "-nolisten", "tcp"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        assert server.stdout
        screen = Screen(f":{server.stdout.readline().strip()}")
        try:
            yield screen
        finally:
            screen.close()
            server.terminate()
