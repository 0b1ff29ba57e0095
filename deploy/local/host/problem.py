"""What stops the stack, told to a person: a sentence in Vietnamese, one in English, never a traceback."""


class StackProblem(Exception):
    """`detail` holds what a log said, when it helps."""

    def __init__(self, vi: str, en: str, detail: str = "") -> None:
        super().__init__(en)
        self.vi = vi
        self.en = en
        self.detail = detail

    def __str__(self) -> str:
        lines = (f"✗ {self.vi}", f"  {self.en}", *(f"  │ {line}" for line in self.detail.splitlines()))
        return "\n".join(lines)
