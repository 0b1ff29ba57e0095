"""Each notice has one letter. SMTP's window, in which nobody can know the result, is excepted and counted."""

from collections import Counter

from tests.faults.history import Accepted, Lines, Notice, of

_ENDED = frozenset({"delivered", "refused", "parked", "overtaken"})


def one_letter_a_notice(lines: Lines) -> list[str]:
    """A notice's letter is accepted at most once, plus once for each attempt with an unknown result.

    Delivered implies accepted. After healing every notice has ended, and every letter has its notice.
    """
    accepted = Counter(line.key for line in of(Accepted, lines))
    notices = {notice.key: notice for notice in of(Notice, lines)}
    found = [f"{key}: a letter without a notice" for key in accepted.keys() - notices.keys()]
    for notice in notices.values():
        count = accepted[notice.key]
        if count > 1 + notice.unknowns:
            found.append(f"{notice.key}: accepted {count} times, {notice.unknowns} unknown")
        if notice.status == "delivered" and not count:
            found.append(f"{notice.key}: delivered, but the server has no letter")
        if notice.status not in _ENDED:
            found.append(f"{notice.key}: still {notice.status}")
    return found


def copies_in_the_window(lines: Lines) -> int:
    """The number of letters that were sent again because the first answer was lost."""
    accepted = Counter(line.key for line in of(Accepted, lines))
    return sum(count - 1 for count in accepted.values() if count > 1)
