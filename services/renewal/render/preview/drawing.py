"""Renders a template, as it is on disk now, with a sample. Runs in a worker process."""

import traceback
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from services.renewal.render.in_force import in_force
from services.renewal.render.preview.samples import CONTENTS, DAY
from shared.background.workers import WorkFailed


@dataclass(frozen=True, slots=True, order=True)
class Template:
    """A file LINE/KIND/DATE.html below the folder of templates."""

    line: str
    kind: str
    date: date

    def __str__(self) -> str:
        return f"{self.line}/{self.kind}/{self.date}.html"


def templates(folder: Path) -> list[Template]:
    """Those of documents. The pages of the conditions are no documents."""
    found = (path.relative_to(folder).with_suffix("").parts for path in folder.glob("*/*/*.html"))
    documents = [each for each in found if each[1] in CONTENTS]
    return sorted(Template(line, kind, date.fromisoformat(day)) for line, kind, day in documents)


def draw(folder: Path, template: Template, sample: str) -> bytes:
    """The PDF. Raises WorkFailed with the error's text and place: samples contain no real data."""
    from services.renewal.render.page import Pages

    on_sample_day = in_force(folder, template.line, template.kind, DAY) if template.date <= DAY else None
    day = DAY if on_sample_day == str(template) else template.date
    content = CONTENTS[template.kind](sample, template.line, day)
    try:
        return Pages(folder).pdf(template.kind, content)
    except Exception as error:
        raise WorkFailed(_error_text(error)) from None


def _error_text(error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    at = [f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames if ".html" in frame.filename]
    return ": ".join([*at[-1:], f"{type(error).__name__}: {error}"])
