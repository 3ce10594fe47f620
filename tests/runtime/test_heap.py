"""The memory of a picture is used again for the next: the system need not clear it each time."""

import platform
import subprocess
import sys

import pytest

CODE = """
import resource, sys
import numpy as np
from livedraft.runtime.heap import reuse_memory

if sys.argv[1] == "reuse":
    reuse_memory()


def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt


def picture():
    return [np.full(2**19 + n, 1, np.uint8) for n in range(4)]  # on their way through a server


picture()
before = faults()
for _ in range(100):
    picture()
print((faults() - before) / 100)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="it is glibc's way of giving back")
def test_a_picture_costs_no_new_memory_after_the_first() -> None:
    def faults(how: str) -> float:
        command = [sys.executable, "-c", CODE, how]
        return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)

    assert faults("leave") > 100, "else there is nothing to mend any more"
    assert faults("reuse") < 10
