"""Models that break the contract are found by the check that it is of, and by no other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from pydantic import Field

from livedraft.media.chunks import Output, Still
from livedraft.runtime.asking import AT_US
from livedraft.runtime.conformance import CHECKS
from livedraft.runtime.models.base import AnyModel, Request
from livedraft.runtime.models.echo import Echo, EchoJob, EchoParams
from livedraft.runtime.models.loopback import Loopback, LoopbackJob
from livedraft.runtime.models.metronome import Metronome, MetronomeJob, MetronomeParams
from livedraft.runtime.models.mixins import LoraParams


class Odd(Echo):
    """Loads from nowhere."""

    @classmethod
    def load(cls) -> Odd:  # type: ignore[override]  # which is the fault
        return cls()


class Undescribed(EchoParams):
    """One param says nothing of itself."""

    depth: int = Field(default=1)


class Silent(Echo):
    """Has a param that nobody explains."""

    params = Undescribed


class Large(Echo):
    """Makes drafts of another size than it says."""

    info = replace(Echo.info, width=500)


class Lucky(Echo):
    """Returns another picture each time."""

    def __init__(self) -> None:
        self.made = 0

    def _job(self, request: Request[EchoParams]) -> EchoJob:
        self.made += 1
        job = super()._job(request)
        job.picture = np.full_like(job.picture, self.made)
        return job


class Mixing(Echo):
    """Mixes up the jobs of a batch."""

    def emit(self, jobs: Sequence[EchoJob]) -> list[list[Still]]:
        return super().emit(jobs)[::-1]


class Shy(Echo):
    """Darkens a picture that is looked at."""

    def emit(self, jobs: Sequence[EchoJob]) -> list[list[Still]]:
        for job in jobs:
            job.picture = job.picture // 2
        return super().emit(jobs)


class Needy(Echo):
    """Cannot do without what it says that it can."""

    def _job(self, request: Request[EchoParams]) -> EchoJob:
        assert request.inputs["sketch"] is not None
        return super()._job(request)


class Narrow(Echo):
    """Takes pictures of its own size alone."""

    def _job(self, request: Request[EchoParams]) -> EchoJob:
        job = super()._job(request)
        assert job.picture.shape[:2] == (512, 512)
        return job


def at(output: Output, pts: int) -> Output:
    """Return sound or frames at another time."""
    assert not isinstance(output, Still)
    return replace(output, pts=pts)


class Early(Loopback):
    """Plays sound before it is asked for."""

    def emit(self, jobs: Sequence[LoopbackJob]) -> list[list[Output]]:
        return [[at(each, number) for number, each in enumerate(job.outputs)] for job in jobs]


class Overlapping(Loopback):
    """Plays sound over sound."""

    def emit(self, jobs: Sequence[LoopbackJob]) -> list[list[Output]]:
        return [
            [at(each, AT_US + number) for number, each in enumerate(job.outputs)] for job in jobs
        ]


class Willing(EchoParams, LoraParams):
    """Names LoRAs."""


class Unable(Echo):
    """Takes none."""

    params = Willing


class Hasty(Echo):
    """Frees what all jobs share with the first that is given up."""

    gone = False

    def give_up(self, job: EchoJob) -> None:
        self.gone = True

    def emit(self, jobs: Sequence[EchoJob]) -> list[list[Still]]:
        return [[] for _ in jobs] if self.gone else super().emit(jobs)


class Mute(Loopback):
    """Gives nothing back."""

    def emit(self, jobs: Sequence[LoopbackJob]) -> list[list[Output]]:
        return [[] for _ in jobs]


class Lost(Metronome):
    """Begins anew at an interruption, where it was."""

    def prepare(self, items: Sequence[tuple[None, Request[MetronomeParams]]]) -> list[MetronomeJob]:
        return super().prepare([(state, replace(asked, running=None)) for state, asked in items])


FAULTS = [
    (Odd, "is_loaded_as_the_runtime_does"),
    (Silent, "tells_what_it_is"),
    (Unable, "takes_loras_as_its_params_say"),
    (Large, "drafts_at_its_native_size"),
    (Needy, "does_without_what_is_not_required"),
    (Lucky, "repeats_itself"),
    (Mixing, "batches_as_it_works_alone"),
    (Shy, "can_be_looked_at_on_the_way"),
    (Narrow, "takes_pictures_of_any_size"),
    (Early, "keeps_to_the_media_clock"),
    (Overlapping, "keeps_to_the_media_clock"),
    (Lost, "goes_on_after_an_interruption"),
    (Hasty, "lets_a_job_go_that_is_given_up"),
    (Mute, "answers_what_comes"),
]


@pytest.mark.parametrize(("model", "check"), FAULTS, ids=lambda each: getattr(each, "__name__", ""))
def test_a_fault_is_found(model: type[AnyModel], check: str) -> None:
    made = model.tiny() if model is not Odd else Odd()
    found = next(each for each in CHECKS if each.__name__ == check)
    with pytest.raises((AssertionError, TypeError, KeyError)):
        found(made)


def test_each_check_can_fail() -> None:
    assert {each.__name__ for each in CHECKS} == {check for _, check in FAULTS}
