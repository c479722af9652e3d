"""Linear algebra in one thread: sums do not depend on the number of cores, and small matrices do not wait for other threads."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def one_thread() -> Iterator[None]:
    """While this lasts (or in the function that it decorates), numpy's linear algebra uses one thread."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=1, user_api="blas"):
        yield
