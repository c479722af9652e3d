"""Errors that a user of calculators can act on."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class UserError(Exception):
    """What happened, where, and what to do; shown without a traceback. `exit_code` is the command's."""

    exit_code = 2


class DeclarationError(UserError):
    """A calculator's declaration contradicts itself or its formula."""

    exit_code = 10


class UnknownCalculator(UserError):
    """No calculator has this id."""

    def __init__(self, id: str, known: Iterable[str]) -> None:
        near = get_close_matches(id, list(known), n=3, cutoff=0.4)
        hint = f" Did you mean {', '.join(near)}?" if near else ""
        super().__init__(f"There is no calculator '{id}'.{hint} `auditor list` shows all of them.")


class UnknownGroup(UserError):
    """A patient's `race_group` is not one of the calculator's labels."""


class MissingInput(UserError):
    """Patients lack a column that the calculator needs."""

    exit_code = 12
