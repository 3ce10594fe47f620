"""Where a command writes: judged before it works, whole or not at all, with a fix."""

import os
import resource
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from livedraft.cli import main
from livedraft.errors import ConfigError
from livedraft.files import check_writable, replacing

COMMANDS = [
    ("generate --model echo -o", ".png", "livedraft.runtime.local.make"),
    ("lora train pictures -o", ".safetensors", "livedraft.runtime.models.ink.tuning.train.train"),
    ("kernels bench gelu_tanh -o", ".json", "livedraft.kernels.bench.judge"),
]


@pytest.fixture(autouse=True)
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with nothing in it, and one to train on that is never read."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(
        "livedraft.runtime.models.ink.tuning.pictures.read_folder", lambda folder: []
    )
    return tmp_path


def places(suffix: str) -> dict[str, str]:
    """Return what cannot be written to, and what is said of it."""
    Path(f"folder{suffix}").mkdir()
    Path(f"full{suffix}").symlink_to("/dev/full")
    Path(f"kept{suffix}").write_bytes(b"kept")
    return {
        f"nowhere/out{suffix}": "there is no folder nowhere",
        f"folder{suffix}": "is a folder",
        f"full{suffix}": "is no file",
        f"kept{suffix}/out{suffix}": "there is no folder",
        f"/proc/out{suffix}": "cannot write /proc/out",
        f"{'n' * 300}{suffix}": "cannot write nnn",
    }


@pytest.mark.parametrize(("command", "suffix", "work"), COMMANDS, ids=lambda text: text.split()[0])
def test_a_place_that_cannot_be_written_is_refused_before_the_work(
    command: str, suffix: str, work: str, desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def begun(*_: object, **__: object) -> None:
        raise AssertionError("the work was begun")

    monkeypatch.setattr(work, begun)
    found = places(suffix)
    before = sorted(desk.rglob("*"))
    for place, message in found.items():
        said = CliRunner().invoke(main, [*command.split(), place])
        assert said.exit_code == 1, (place, said.output, said.exception)
        assert message in said.stderr
        assert "Fix: " in said.stderr
    assert sorted(desk.rglob("*")) == before
    assert Path(f"kept{suffix}").read_bytes() == b"kept"


def test_a_full_disk_is_refused_before_the_work(desk: Path) -> None:
    """A limit on the size of files stands for the disk: the kernel refuses both alike."""
    done = subprocess.run(
        [sys.executable, "-m", "livedraft", "generate", "-m", "echo", "-o", "out.png"],
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100)),
        env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert done.returncode == 1
    assert done.stderr.startswith("Error: cannot write out.png: ")
    assert "Fix: " in done.stderr
    assert "drawing" not in done.stderr
    assert list(desk.iterdir()) == []


@pytest.mark.parametrize(
    ("cause", "raised", "message"),
    [
        (OSError(28, os.strerror(28)), ConfigError, r"cannot write out\.png: No space"),
        (KeyboardInterrupt(), KeyboardInterrupt, None),
    ],
    ids=["full", "interrupted"],
)
def test_what_fails_while_it_is_written_leaves_the_file_as_it_was(
    cause: BaseException, raised: type[BaseException], message: str | None, desk: Path
) -> None:
    path = Path("out.png")
    path.write_bytes(b"before")

    def write() -> None:
        with replacing(path) as partial:
            partial.write_bytes(b"half")
            raise cause

    with pytest.raises(raised, match=message):
        write()
    assert path.read_bytes() == b"before"
    assert list(desk.iterdir()) == [desk / "out.png"]


def test_what_replaces_a_file_has_its_mode_and_stands_where_its_link_leads(desk: Path) -> None:
    Path("far").mkdir()
    Path("far/real.png").write_bytes(b"before")
    Path("far/real.png").chmod(0o640)
    Path("out.png").symlink_to("far/real.png")
    check_writable(Path("out.png"))
    with replacing(Path("out.png")) as partial:
        partial.write_bytes(b"after")
    assert Path("out.png").is_symlink()
    assert Path("far/real.png").read_bytes() == b"after"
    assert stat.S_IMODE(Path("far/real.png").stat().st_mode) == 0o640
    assert os.listdir("far") == ["real.png"]


def test_what_a_killed_run_left_goes_with_the_next_and_a_live_run_keeps_its_own(desk: Path) -> None:
    code = """if True:
        from pathlib import Path
        from livedraft.files import replacing
        with replacing(Path("out[1].mp4")) as partial:
            partial.write_bytes(b"half")
            print(partial, flush=True)
            input()
    """
    path = Path("out[1].mp4")
    command = [sys.executable, "-c", code]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdout is not None
        half = Path(process.stdout.readline().strip())
        check_writable(path)
        with replacing(path) as partial:
            partial.write_bytes(b"whole")
        assert half.read_bytes() == b"half", "it is being written"
        process.kill()
    check_writable(Path("other.mp4"))
    assert sorted(desk.iterdir()) == sorted([half, desk / path])
    check_writable(path)
    assert list(desk.iterdir()) == [desk / path]
    assert path.read_bytes() == b"whole"


def test_files_that_are_written_at_once_do_not_meet() -> None:
    with replacing(Path("a.png")) as one, replacing(Path("b.png")) as two:
        one.write_bytes(b"a")
        two.write_bytes(b"b")
        with replacing(Path("a.png")) as again:
            again.write_bytes(b"before")
    assert Path("a.png").read_bytes() == b"a"
    assert Path("b.png").read_bytes() == b"b"


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is protected from root")
def test_a_protected_file_stays() -> None:
    Path("out.png").write_bytes(b"before")
    Path("out.png").chmod(0o444)
    with pytest.raises(ConfigError, match="write-protected"):
        check_writable(Path("out.png"))
