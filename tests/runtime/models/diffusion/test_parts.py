"""Loading says nothing that is of no use to who reads it."""

from __future__ import annotations

import logging

import pytest

from livedraft.runtime.models.diffusion.parts import hush


def test_of_torchvision_nothing_is_said_and_of_all_else_all(
    caplog: pytest.LogCaptureFixture,
) -> None:
    logger = logging.getLogger("transformers.utils.import_utils")
    logger.addHandler(caplog.handler)
    hush()
    hush()
    logger.warning(
        "`CLIPImageProcessor` requires torchvision (not installed); falling back to its Pil"
    )
    logger.warning("something else")
    logger.removeHandler(caplog.handler)
    assert {record.getMessage() for record in caplog.records} == {"something else"}
