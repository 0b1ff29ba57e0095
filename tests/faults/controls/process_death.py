"""The end of a process in the middle of something, in a control."""


class ProcessDied(Exception):
    """Simulates the death of the process."""
