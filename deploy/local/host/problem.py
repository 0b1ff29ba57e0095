"""The error that stops the stack. It reaches people as one Vietnamese and one English sentence, without a
traceback."""


class StackProblem(Exception):
    """`detail` holds the log's text if it helps."""

    def __init__(self, vi: str, en: str, detail: str = "") -> None:
        super().__init__(en)
        self.vi = vi
        self.en = en
        self.detail = detail

    def __str__(self) -> str:
        lines = (f"✗ {self.vi}", f"  {self.en}", *(f"  │ {line}" for line in self.detail.splitlines()))
        return "\n".join(lines)
