"""What an answer of the REST side reports as its problem."""

import httpx


def problem(answer: httpx.Response) -> tuple[int, str]:
    """The status, and the problem's name without its prefix."""
    return answer.status_code, answer.json()["type"].removeprefix("urn:giahan:problem:")
