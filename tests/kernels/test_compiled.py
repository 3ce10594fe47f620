"""Kernels compile for every GPU they are meant for, without spills, with wide loads."""

import pytest

from livedraft.kernels.compiled import (
    COMMAND,
    TARGETS,
    Table,
    compile_all,
    differences,
    faults,
    recorded,
)
from livedraft.kernels.ops import NAMES


@pytest.fixture(scope="module")
def fresh() -> Table:
    return compile_all(NAMES)


def test_nothing_spills_and_loads_are_wide(fresh: Table) -> None:
    assert faults(fresh) == []


def test_every_operation_has_a_kernel_for_hopper_and_later(fresh: Table) -> None:
    assert {key.rsplit(" ", 1)[0] for key in fresh} >= {
        f"{name} sm_{target}" for name in NAMES for target in TARGETS if target >= 90
    }


def test_the_table_is_what_was_compiled(fresh: Table) -> None:
    table = recorded()
    if not table:
        pytest.skip("resources.json is of another version of Triton")
    assert differences(table, fresh) == [], f"update it: {COMMAND}"


def test_faults_are_seen() -> None:
    launch = {"stack": 8, "wide": ["loads"], "loads": {"16": 4, "64": 1}, "stores": {}}
    assert faults({"op sm_90 0": launch}) == [
        "op sm_90 0: spills 8 bytes",
        "op sm_90 0: no loads of 128 bits: {'16': 4, '64': 1}",
    ]
