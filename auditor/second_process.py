"""A second process that is a copy of this one and shares its work; where there cannot be one, all work is done here."""

from __future__ import annotations

import os
import signal
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing import get_context
from typing import Any, TypeVar

Done = TypeVar("Done")
Send = Callable[[Any], None]
FEWEST = 8
PATIENCE = 10.0


def possible() -> bool:
    """Whether a second process is of use here: on Linux, where a process can be copied, with two processors or more."""
    return sys.platform == "linux" and len(os.sched_getaffinity(0)) > 1


class Shared:
    """Work numbered from 0 to `number` - 1, which this process and its copy take from as they get on."""

    def __init__(self, number: int) -> None:
        context = get_context("fork")
        self.number = number
        self._next = context.Value("q", 0)
        self._receiver, self._sender = context.Pipe(duplex=False)
        self._started = time.monotonic()

    def take(self) -> Iterator[int]:
        """The numbers that nobody has taken yet."""
        while True:
            with self._next.get_lock():
                i = self._next.value
                self._next.value = i + 1
            if i >= self.number:
                return
            yield i

    def delivered(self) -> Iterator[Any]:
        """What the copy sends, until it has done all that it took; less where it dies, or needs far longer than this process did."""
        patience = PATIENCE + 5 * (time.monotonic() - self._started)
        try:
            while self._receiver.poll(patience):
                yield self._receiver.recv()
        except (EOFError, OSError):
            return


@contextmanager
def copied(number: int, run: Callable[[Shared, Send], None]) -> Iterator[Shared]:
    """While this lasts, a copy of this process calls `run`, which takes numbers and sends what it made of them when none is left."""
    shared = Shared(number)
    copy = get_context("fork").Process(target=_run, args=(run, shared), daemon=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # threads that read files are idle now
        copy.start()
    shared._sender.close()
    try:
        yield shared
    finally:
        copy.kill()
        copy.join()
        shared._receiver.close()


def each(
    number: int,
    work: Callable[[int], Done],
    pack: Callable[[Done], bytes],
    unpack: Callable[[int, bytes], Done],
    beside: bool | None = None,
) -> list[Done]:
    """What `work` makes of 0 to `number` - 1, in this order; it must give the same wherever it runs.

    A second process makes some of them and sends them as bytes (by default where it is possible and there is enough to do). What it
    does not deliver, because it died, hangs or failed, is made here.
    """
    done: dict[int, Done] = {}

    def run(shared: Shared, send: Send) -> None:
        made = []
        for i in shared.take():
            try:
                made.append((i, pack(work(i))))
            except Exception:  # the first process makes it again, and says what is wrong
                continue
        for one in made:
            send(one)

    if (possible() and number >= FEWEST) if beside is None else beside:
        with copied(number, run) as shared:
            done.update((i, work(i)) for i in shared.take())
            done.update((i, unpack(i, packed)) for i, packed in shared.delivered())
    return [done[i] if i in done else work(i) for i in range(number)]


def _run(run: Callable[[Shared, Send], None], shared: Shared) -> None:
    """In the copy. Ctrl-C is the first process's business; an error too, which meets it where it does the same work again."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with suppress(Exception):
        run(shared, shared._sender.send)
    shared._sender.close()
