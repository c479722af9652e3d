"""Errors that a user of the auditor can act on, with the exit code of each kind."""

from calculators.errors import UserError

__all__ = ["CohortError", "MissingColumn", "OptionError", "ResultError", "TooFewPatients", "UserError"]


class OptionError(UserError):
    """An option names something that is not there."""


class CohortError(UserError):
    """A cohort file cannot be read."""

    exit_code = 11


class MissingColumn(UserError):
    """A column or unit that was asked for is not there."""

    exit_code = 12


class ResultError(UserError):
    """A saved result cannot be used; the message says why and what to do."""

    exit_code = 11


class TooFewPatients(UserError):
    """Nobody, or too few patients, are left to report on."""

    exit_code = 13
