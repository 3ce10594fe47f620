"""The networks of perception are those that were converted, and their sources those pinned."""

import hashlib
import zipfile
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from training.perception import halving
from training.perception.__main__ import relative_error, shipped
from training.perception.sources import NETWORKS, Network, Package, fetch

from livedraft.runtime.models.onnx import opened
from livedraft.runtime.models.perception.weights import WEIGHTS


def test_each_network_is_shipped_and_as_it_was_written() -> None:
    sums = (line.split() for line in (WEIGHTS / "SHA256SUMS").read_text().splitlines())
    pinned = {name: digest for digest, name in sums}
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in shipped()}
    assert found == pinned
    assert found.keys() == {f"{network.name}.onnx" for network in NETWORKS}


def package(folder: Path, content: bytes) -> Network:
    """Return a network of a package that lies in a cache already."""
    folder.mkdir(parents=True)
    with zipfile.ZipFile(folder / "people-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("people/net.tflite", content)
    pinned = hashlib.sha256(b"as published").hexdigest()
    people = Package("people", "1.0", "pip", "Apache-2.0")
    return Network("net", people, "people/net.tflite", pinned, {}, side=8, least=0.0)


def test_a_package_is_read_where_it_lies(tmp_path: Path) -> None:
    network = package(tmp_path / "packages", b"as published")
    assert fetch(network, tmp_path).read_bytes() == b"as published"


def test_another_file_than_the_pinned_one_is_refused_and_not_kept(tmp_path: Path) -> None:
    network = package(tmp_path / "packages", b"changed since")
    with pytest.raises(ValueError, match="SHA-256"):
        fetch(network, tmp_path)
    assert not list((tmp_path / "sources").iterdir())


def test_a_network_keeps_what_is_used_of_it_and_computes_the_same(tmp_path: Path) -> None:
    drawn = np.random.default_rng(1)
    weight = drawn.normal(size=(16, 16)).astype(np.float32)
    graph = helper.make_graph(
        [
            helper.make_node("MatMul", ["odd/name", "w"], ["first"]),
            helper.make_node("Relu", ["first"], ["second"]),
        ],
        "g",
        [helper.make_tensor_value_info("odd/name", TensorProto.FLOAT, [1, 16])],
        [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 16])
            for name in ("first", "second")
        ],
        [numpy_helper.from_array(weight, "w")],
    )
    whole, target = tmp_path / "whole.onnx", tmp_path / "kept.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)]), whole)
    halving.kept(whole, target, {"first": "scores"})
    assert "Relu" not in {node.op_type for node in onnx.load(target).graph.node}
    picture = drawn.normal(size=(1, 16)).astype(np.float32)
    found = opened(target.read_bytes(), "a network").run_all(["scores"], picture=picture)[0]
    assert 0 < relative_error(found, picture @ weight) < 1e-3  # half precision, and no more
