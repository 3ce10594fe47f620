"""``livedraft restyle``: a film on the disk, progress on the terminal, or a clear refusal."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from tests.sdk.media.codecs.films import film, plain, tone

from livedraft.cli import main
from livedraft.media.chunks import VideoChunk
from livedraft.media.codecs import Growing, probe


@pytest.fixture(autouse=True)
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    frames = [plain((n * 4, 90, 200)) for n in range(50)]
    Path("clip.mp4").write_bytes(film(frames, sound=tone(2.0)))


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["restyle", *arguments])


def test_a_clip_becomes_a_film_and_every_param_is_a_flag() -> None:
    done = run(
        *("clip.mp4", "--style", "pastel=.5,ink=.5", "--strength", ".8", "--size", "64"),
        *("--colours", "kept", "-p", "steady=false", "-o", "new.mp4"),
    )
    assert done.exit_code == 0, done.output
    assert "restyling" in done.stderr
    assert "new.mp4: 2.0 s, made in" in done.stderr
    recipe = probe("new.mp4").recipe
    assert recipe is not None
    assert recipe["params"] == {
        "style": "pastel",
        "second": "ink-wash",
        "share": 0.5,
        "strength": 0.8,
        "colours": "kept",
        "steady": False,
        "pace": False,
    }


def test_what_is_broken_off_says_where_it_lies_and_how_to_go_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    write, count = Growing.write, [0]

    def breaks(film: Growing, chunk: VideoChunk) -> None:
        count[0] += 1
        if count[0] == 30:
            raise KeyboardInterrupt
        write(film, chunk)

    with monkeypatch.context() as patch:
        patch.setattr(Growing, "write", breaks)
        done = run("clip.mp4", "--size", "64")
    assert done.exit_code == 130
    assert "out.part1.mp4 holds what is made, and plays" in done.stderr
    done = run("clip.mp4", "--size", "64", "--style", "night")
    assert done.exit_code == 1
    assert "was made otherwise" in done.stderr
    assert "goes on from there" not in done.stderr, "it does not"
    done = run("clip.mp4", "--size", "64")
    assert done.exit_code == 0
    assert "1.1 s of it before" in done.stderr
    assert not list(Path.cwd().glob("*.part*"))


@pytest.mark.parametrize(
    ("arguments", "why", "fix"),
    [
        ((), "one clip is wanted, here are 0", "clip.mp4"),
        (("clip.mp4", "more.mp4"), "one clip is wanted, here are 2", "clip.mp4"),
        (("clip.mp4", "steady=false"), "here are 2: clip.mp4, steady=false", "--steady false"),
        (("missing.mp4",), "missing.mp4", "name a file"),
        (("clip.mp4", "--style", "pastell"), "no style 'pastell'", "did you mean 'pastel'"),
        (("clip.mp4", "--strength", "much"), "strength", "0"),
        (("clip.mp4", "-o", "out.avi"), "out.avi", ".mp4"),
        (("clip.mp4", "--url", "http://127.0.0.1:9"), "no connection", "livedraft serve"),
    ],
)
def test_what_cannot_be_made_is_refused_with_a_fix(
    arguments: tuple[str, ...], why: str, fix: str
) -> None:
    done = run(*arguments)
    assert done.exit_code == 1, (done.output, done.exception)
    assert why in done.stderr
    assert "Fix: " in done.stderr
    assert fix in done.stderr
    assert not list(Path.cwd().glob("out.*"))
