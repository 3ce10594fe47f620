"""Fixtures that all tests share."""

import os
import shutil
import signal

# Triton looks at this when it decorates a kernel, its own among them, so it is set before any test
# file is imported. What needs the real compiler runs in processes of its own.
os.environ["TRITON_INTERPRET"] = "1"

# A shell that starts the tests in the background has them ignore Ctrl+C, and with them every
# command that they start and press it for.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

import pytest
from hypothesis import HealthCheck, settings

# The same examples each time, and no clock: a machine may be as busy as it likes.
settings.register_profile(
    "checks", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("checks")

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM_ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
]


@pytest.fixture
def anyio_backend() -> str:
    """Run async tests on asyncio alone: the runtime's loop is asyncio's."""
    return "asyncio"


@pytest.fixture(scope="session")
def chromium_path() -> str | None:
    """Return the system's Chromium; None leaves the choice to Playwright's own."""
    return next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)


@pytest.fixture(scope="session")
def chromium_args() -> list[str]:
    """Return the flags that keep Chromium to the machine it runs on."""
    return CHROMIUM_ARGS
