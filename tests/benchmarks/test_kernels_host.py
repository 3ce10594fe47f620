"""The host's time a call is measured without a GPU, in a process that has Triton's compiler."""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_a_call_is_measured_beside_triton_alone(tmp_path: Path) -> None:
    options = ["--batches", "3", "--calls", "20", "--only", "gelu_tanh"]
    subprocess.run(
        [sys.executable, "-m", "benchmarks.kernels_host", *options, "--json", tmp_path / "found"],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if name != "TRITON_INTERPRET"},
        check=True,
        capture_output=True,
    )
    found = json.loads((tmp_path / "found").read_text())
    assert list(found["figures"]) == ["gelu_tanh, µs", "gelu_tanh, launched by Triton alone, µs"]
    assert min(found["figures"].values()) > 1
    assert found["goals"][0]["limit"] == 15
