"""Models that do odd things with the lists they are given: everybody keeps their own job."""

from collections.abc import Sequence

import pytest
from tests.runtime.engine.faulty import Faulty, item

from livedraft.media.chunks import Output
from livedraft.runtime.engine.calls import Calls
from livedraft.runtime.engine.contract import Progress
from livedraft.runtime.engine.turn import Emitted
from livedraft.runtime.models.base import Job, Request
from livedraft.runtime.models.mixins import SeedParams


class Reversing(Faulty):
    """Turns the list around that it is given, and answers in the order in which it was asked."""

    def emit(self, jobs: Sequence[Job]) -> Sequence[Sequence[Output]]:
        made = super().emit(jobs)
        assert isinstance(jobs, list)
        jobs.reverse()
        return made


class Emptying(Faulty):
    """Takes the jobs out of the list that it is given."""

    def emit(self, jobs: Sequence[Job]) -> Sequence[Sequence[Output]]:
        made = super().emit(jobs)
        assert isinstance(jobs, list)
        jobs.clear()
        return made


class Sharing(Faulty):
    """Returns one job for all who ask."""

    def prepare(self, items: Sequence[tuple[list[str], Request[SeedParams]]]) -> list[Job]:
        return super().prepare(items[:1]) * len(items)


def prepared(calls: Calls) -> list[Progress]:
    jobs = calls.prepare("faulty", [item(seed) for seed in (10, 11, 12)])
    assert all(isinstance(job, Progress) for job in jobs)
    return [job for job in jobs if isinstance(job, Progress)]


@pytest.mark.parametrize("model", [Reversing, Emptying])
def test_what_emit_does_with_its_list_moves_nobodys_job(model: type[Faulty]) -> None:
    calls = Calls({"faulty": model.load()})
    jobs = prepared(calls)
    made = calls.emit("faulty", jobs)
    assert len(made) == len(jobs)
    for emitted, before in zip(made, jobs, strict=True):
        assert isinstance(emitted, Emitted)
        assert emitted.progress.job is before.job


def test_one_job_for_two_requests_is_refused() -> None:
    calls = Calls({"faulty": Sharing.load()})
    made = calls.prepare("faulty", [item(seed) for seed in (10, 11, 12)])
    jobs = [each.job for each in made if isinstance(each, Progress)]
    assert len(set(map(id, jobs))) == len(jobs), "no two sessions share a job"
