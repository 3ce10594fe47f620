"""Bounds of waiting."""

import asyncio

import pytest

from livedraft.runtime.transports.waiting import at_most, first

pytestmark = pytest.mark.anyio


class Fault(Exception):
    """One of the work."""


async def forever(cancelled: list[str]) -> None:
    try:
        await asyncio.Event().wait()
    finally:
        cancelled.append("cancelled")


async def at_once() -> None:
    """End."""


async def faulty() -> None:
    raise Fault


async def test_the_others_are_cancelled_when_the_first_ends() -> None:
    cancelled: list[str] = []
    await first(forever(cancelled), at_once(), forever(cancelled))
    assert len(cancelled) == 2


async def test_a_fault_comes_out_as_it_is() -> None:
    cancelled: list[str] = []
    with pytest.raises(Fault):
        await first(forever(cancelled), faulty())
    assert cancelled


async def test_being_cancelled_cancels_all() -> None:
    cancelled: list[str] = []
    begun = asyncio.Event()

    async def begin() -> None:
        begun.set()
        await forever(cancelled)

    task = asyncio.create_task(first(begin(), forever(cancelled)))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert len(cancelled) == 2


async def test_at_most_gives_up_in_time_and_lets_faults_out() -> None:
    cancelled: list[str] = []
    await at_most(0, forever(cancelled))
    await at_most(10, at_once())
    with pytest.raises(Fault):
        await at_most(10, faulty())
    assert cancelled
