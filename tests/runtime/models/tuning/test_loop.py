"""The training of what users train: by the clock, and never of nothing."""

from pathlib import Path

from tests.doubles import FakeClock

from livedraft.runtime.models.tuning.loop import Recipe, run


class Learning:
    """A double of a LoRA in training."""

    loss = 0.5
    interrupted = False

    def __init__(self) -> None:
        self.recipe = Recipe("mine", "Mine", minutes=0.1)
        self.updates = 0
        self.progress: list[float] = []

    def update(self, progress: float) -> None:
        self.updates += 1
        self.progress.append(progress)

    def save(self, path: Path) -> None:
        path.write_text(str(self.updates))


def test_a_file_is_written_of_something_though_all_the_time_went_to_getting_ready(
    tmp_path: Path,
) -> None:
    clock, learning = FakeClock(), Learning()
    began = clock()
    clock.now += 60
    run(learning, tmp_path / "mine", lambda: None, clock=clock, start=began)
    assert (tmp_path / "mine").read_text() == "1"
    assert learning.progress == [1.0]
