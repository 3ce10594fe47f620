"""What tests need that watch a program's calls of the kernel."""

import pytest
from tests.offline.watching import SUPPORTED

# The watcher has seccomp tell of each call, which other systems do not have.
NEEDS_SECCOMP = pytest.mark.skipif(not SUPPORTED, reason="needs Linux' seccomp")
