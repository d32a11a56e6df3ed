"""The roles of the platform."""

from enum import StrEnum


class Role(StrEnum):
    """A role of a user; a user may have several, each with its own windows and holidays."""

    COACH = "Coach"
    LEARNER = "Learner"
    ADMIN = "Admin"
