"""Asks in a window of this computer's screen (Tk)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.sign.confirmation.question import QUESTION, PairingQuestion, Question, Reply, SignatureQuestion
from tools.sign.texts import Wording, words

if TYPE_CHECKING:
    import tkinter

_WIDTH = 460
_PAD = 16
_SMALL, _NORMAL, _LARGE, _LARGEST = 9, 11, 13, 16
_GREY, _RED = "#666666", "#b00020"


def ask(request: bytes) -> bytes:
    """The reply to a question, both as JSON: the work of a child process."""
    question = QUESTION.validate_json(request)
    try:
        # Debian has Tk in a package of its own.
        import tkinter

        root = tkinter.Tk(className="giahan-sign")
    except (ImportError, tkinter.TclError):
        return Reply(outcome="unavailable").model_dump_json().encode()
    window = _Window(root, question)
    root.mainloop()
    return window.reply.model_dump_json().encode()


class _Window:
    """Enter confirms, or presses the button that has the focus; Esc and closing refuse.

    For a pairing the focus is on the refusal, so that somebody who is typing does not allow by accident.
    """

    def __init__(self, root: tkinter.Tk, question: Question) -> None:
        import tkinter

        self._tk = tkinter
        self._root = root
        self._pin: tkinter.Entry | None = None
        self.reply = Reply(outcome="refused")
        root.title(words("window", "title").line)
        root.resizable(False, False)
        root.protocol("WM_DELETE_WINDOW", root.destroy)
        root.bind("<Escape>", lambda _: root.destroy())
        self._body = tkinter.Frame(root, padx=_PAD, pady=_PAD)
        self._body.pack()
        if isinstance(question, PairingQuestion):
            focus = self._lay_out_pairing(question)
        else:
            focus = self._lay_out_signature(question)
        root.attributes("-topmost", True)
        root.update()
        root.lift()
        root.focus_force()
        focus.focus_set()

    def _lay_out_pairing(self, question: PairingQuestion) -> tkinter.Widget:
        self._say(words("window", "pairing"), _LARGE)
        self._label(question.origin, _LARGEST, bold=True, pady=_PAD)
        self._say(words("window", "pairing_meaning"), _NORMAL)
        _, refuse = self._add_buttons(words("window", "allow"), words("window", "refuse"))
        return refuse

    def _lay_out_signature(self, question: SignatureQuestion) -> tkinter.Widget:
        self._say(words("window", "signature"), _LARGE)
        self._label(question.origin, _LARGEST, bold=True, pady=_PAD // 2)
        for label, value in question.rows:
            self._label(label.line, _SMALL, colour=_GREY)
            self._label(value, _NORMAL, bold=True)
        if question.warning:
            self._say(question.warning, _NORMAL, colour=_RED)
        if question.token.pin_pad:
            self._say(words("window", "pin_pad"), _NORMAL)
        else:
            self._label(words("window", "pin").line, _SMALL, colour=_GREY)
            self._pin = self._tk.Entry(self._body, show="●", width=24, font=("", _LARGE))
            self._pin.pack(anchor="w", pady=(2, _PAD))
            self._pin.bind("<Return>", lambda _: self._confirm())
            self._pin.bind("<KP_Enter>", lambda _: self._confirm())
        confirm, _ = self._add_buttons(words("window", "sign"), words("window", "cancel"))
        return self._pin or confirm

    def _say(self, text: Wording, size: int, colour: str = "") -> None:
        """Vietnamese, and English smaller under it."""
        self._label(text.vi, size, bold=size >= _LARGE, colour=colour)
        self._label(text.en, _SMALL, colour=colour or _GREY)

    def _label(self, text: str, size: int, *, bold: bool = False, colour: str = "", pady: int = 1) -> None:
        label = self._tk.Label(
            self._body,
            text=text,
            font=("", size, "bold" if bold else "normal"),
            wraplength=_WIDTH,
            justify="left",
        )
        if colour:
            label.configure(foreground=colour)
        label.pack(anchor="w", pady=pady)

    def _add_buttons(self, confirm: Wording, refuse: Wording) -> tuple[tkinter.Button, tkinter.Button]:
        row = self._tk.Frame(self._body)
        row.pack(fill="x", pady=(_PAD, 0))
        buttons = (
            self._tk.Button(row, text=confirm.line, command=self._confirm),
            self._tk.Button(row, text=refuse.line, command=self._root.destroy),
        )
        for button in buttons:
            button.pack(side="left", padx=(0, _PAD // 2))
            button.bind("<Return>", lambda event: event.widget.invoke())
            button.bind("<KP_Enter>", lambda event: event.widget.invoke())
        return buttons

    def _confirm(self) -> None:
        """An empty PIN is not sent to the token: it would cost a try."""
        pin = self._pin.get() if self._pin else None
        if pin == "":
            return
        self.reply = Reply.model_validate({"outcome": "confirmed", "pin": pin})
        self._root.destroy()
