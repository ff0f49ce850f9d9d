"""The simulated time."""

from datetime import datetime


class Clock:
    """The simulated time; it moves only when it is told to."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        """Return the time."""
        return self.at
