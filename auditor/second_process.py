"""Work on many calculators, some of it in a second process beside this one; where that cannot be, all of it here."""

from __future__ import annotations

import os
import signal
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from multiprocessing import get_context
from typing import Any, TypeVar

Done = TypeVar("Done")
FEWEST = 8
PATIENCE = 10.0


def each(
    number: int, work: Callable[[int], Done], pack: Callable[[Done], bytes], unpack: Callable[[bytes], Done], beside: bool | None = None
) -> list[Done]:
    """What `work` makes of 0 to `number` - 1, in this order; it must give the same wherever it runs.

    A second process, a copy of this one, takes every number that this one has not taken yet, and sends what it made as bytes. By
    default there is one on Linux with two processors or more. What it does not deliver, because it died, hangs or failed, is made here.
    """
    done: dict[int, Done] = {}
    if _possible(number) if beside is None else beside:
        context = get_context("fork")
        taken = context.Value("q", 0)
        receiver, sender = context.Pipe(duplex=False)
        child = context.Process(target=_serve, args=(number, work, pack, taken, sender), daemon=True)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # threads that read files are idle now
            child.start()
        sender.close()
        started = time.monotonic()
        try:
            done.update((i, work(i)) for i in _numbers(number, taken))
            patience = PATIENCE + 5 * (time.monotonic() - started)
            while receiver.poll(patience):
                i, packed = receiver.recv()
                done[i] = unpack(packed)
        except (EOFError, OSError):
            pass
        finally:
            child.kill()
            child.join()
            receiver.close()
    return [done[i] if i in done else work(i) for i in range(number)]


def _possible(number: int) -> bool:
    return sys.platform == "linux" and number >= FEWEST and len(os.sched_getaffinity(0)) > 1


def _numbers(number: int, taken: Any) -> Iterator[int]:
    """The numbers that nobody has taken yet."""
    while True:
        with taken.get_lock():
            i = taken.value
            taken.value = i + 1
        if i >= number:
            return
        yield i


def _serve(number: int, work: Callable[[int], Done], pack: Callable[[Done], bytes], taken: Any, sender: Any) -> None:
    """In the second process: make what is left and send all of it. Ctrl-C is the first one's business."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    made = []
    for i in _numbers(number, taken):
        try:
            made.append((i, pack(work(i))))
        except Exception:  # the first process makes it again, and says what is wrong
            continue
    for one in made:
        sender.send(one)
    sender.close()
