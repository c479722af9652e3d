"""One question each, asked of every calculator: the parts of its chapter."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from auditor.result import AuditResult, CalculatorResult
from reports.blocks import Block


@dataclass(frozen=True)
class View:
    """How much a chapter says: which charts are drawn, whether by every attribute and arm, and the most lines of a table (0: all)."""

    arrows: bool = True
    intervals: bool = True
    everything: bool = False
    most: int = 0


class Part(Protocol):
    """A module that answers one question about one calculator."""

    @property
    def TITLE(self) -> str: ...

    def build(self, result: AuditResult, calculator: CalculatorResult, view: View) -> Iterable[Block]: ...
