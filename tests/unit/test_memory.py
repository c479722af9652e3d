"""Memory that was freed goes back to the system."""

import ctypes
import platform
from pathlib import Path

import pytest

from auditor import memory


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc" or not Path("/proc/self/statm").exists(), reason="needs glibc and /proc")
def test_freed_memory_goes_back():
    def resident():
        return int(Path("/proc/self/statm").read_text().split()[1]) * 4096

    pieces = [ctypes.create_string_buffer(100_000) for _ in range(1000)]
    kept = pieces[-1]
    before = resident()
    del pieces
    memory.give_back()
    assert resident() < before - 80_000_000
    assert len(kept) == 100_000


@pytest.mark.parametrize("error", [AttributeError, OSError, TypeError])
def test_a_c_library_that_cannot_be_asked_is_left_alone(monkeypatch, error):
    def refuses(_name):
        raise error

    monkeypatch.setattr(ctypes, "CDLL", refuses)
    memory._trim.cache_clear()
    try:
        memory.give_back()
    finally:
        memory._trim.cache_clear()
