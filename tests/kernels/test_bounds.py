"""What bounds a kernel: instructions by the unit that executes them, beside memory's time."""

import os
import re
import subprocess
import sys

from livedraft.kernels.bounds import ISSUE, UNITS, counted

SASS = """
        /*0000*/                   LDC R1, c[0x0][0x28] ;          /* 0x00000a00ff017b82 */
        /*0010*/                   ULDC.64 UR4, c[0x0][0x208] ;    /* 0x0000820000047ab9 */
        /*0020*/              @!P1 LDG.E.128 R4, desc[UR4][R30.64] ;
        /*0030*/                   FFMA R10, R37, R37, R10 ;
        /*0040*/              @UP0 IMAD.WIDE.U32 R30, R25, 0x2, R30 ;
        /*0050*/                   MUFU.EX2 R2, R2 ;
        /*0060*/                   SHF.L.U32 R27, R8, 0x10, RZ ;
        /*0070*/                   STG.E.128 desc[UR4][R2.64], R4 ;
        /*0080*/                   EXIT ;
        /*0090*/                   BRA 0x90;
        /*00a0*/                   NOP;
"""


def test_each_instruction_goes_to_its_unit() -> None:
    assert counted(SASS) == {
        "issue": 8,
        "integer": 2,
        "uniform": 1,
        "memory": 2,
        "float": 1,
        "multiply": 1,
        "special": 1,
    }


def test_no_unit_is_as_wide_as_the_issue() -> None:
    assert max(rate for rate, _ in UNITS.values()) <= ISSUE


def test_the_command_tells_what_bounds_an_operation() -> None:
    """Adding a gated branch moves 8 bytes an element, and takes far fewer than 56 instructions."""
    alone = {key: value for key, value in os.environ.items() if key != "TRITON_INTERPRET"}
    said = subprocess.run(
        [sys.executable, "-m", "livedraft.kernels.bounds", "gated_residual"],
        capture_output=True,
        text=True,
        check=True,
        env=alone,
    ).stdout
    ratios = [float(found) for found in re.findall(r"ratio ([\d.]+),", said)]
    assert len(ratios) == said.count("\n") > 0
    assert all(0.1 < ratio < 0.6 for ratio in ratios), said
