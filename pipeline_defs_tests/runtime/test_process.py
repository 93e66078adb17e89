"""What a worker asks of the operating system."""

from __future__ import annotations

import subprocess
import sys

import pytest

PICTURES = """
import resource, sys, threading
from pipeline_defs.runtime.process import keep_freed_memory

def look():
    for _ in range(20):
        [b"x" * 3_700_000 for _ in range(6)]  # in full, in colour, made smaller

def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt

if sys.argv[1] == "kept":
    keep_freed_memory()
for _ in range(2):
    before = faults()
    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
print(faults() - before)
"""


def faults_of(mode: str) -> int:
    answer = subprocess.run(
        [sys.executable, "-c", PICTURES, mode], capture_output=True, check=True, text=True
    )
    return int(answer.stdout)


@pytest.mark.skipif(sys.platform != "linux", reason="malloc of Linux' own C library")
def test_the_memory_of_a_picture_is_used_again_by_the_next() -> None:
    assert faults_of("kept") < faults_of("given back") / 4
