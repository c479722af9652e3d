"""Progress of long work, for whoever waits at a terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import click


def shown_on_terminal(rows: int) -> Callable[[int, int], None] | None:
    """Progress on stderr for long work, on a terminal only."""
    if rows < 200_000 or not sys.stderr.isatty():
        return None
    started = time.monotonic()

    def show_progress(done: int, total: int) -> None:
        speed = done / max(time.monotonic() - started, 1e-9)
        left = (total - done) / max(speed, 1e-9)
        click.echo(f"\r{done:,} of {total:,} patients, {speed:,.0f} per second, {left:.0f} s left ", nl=done >= total, err=True)

    return show_progress
