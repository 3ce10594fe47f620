"""Fixtures that all tests share."""

import pytest


@pytest.fixture
def anyio_backend() -> str:
    """Run async tests on asyncio alone: the runtime's loop is asyncio's."""
    return "asyncio"
