"""What somebody is on the platform."""

from enum import StrEnum


class Role(StrEnum):
    """A person may have several; each has windows and holidays of its own."""

    COACH = "Coach"
    LEARNER = "Learner"
    ADMIN = "Admin"
