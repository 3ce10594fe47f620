"""A photograph shows what it is asked to, as FaceMesh sees it in its frames; and nothing else."""

from itertools import pairwise

import numpy as np
import pytest
from tests.runtime.models.head.photograph.conftest import Prepare, Seen

from livedraft.runtime.models.base import Pixels
from livedraft.runtime.models.head.expression import Expression, Mouth
from livedraft.runtime.models.head.photograph import PhotographFace
from livedraft.runtime.models.head.visemes import CONTROLS, POSES, VISEMES
from livedraft.runtime.models.perception.contours import (
    LEFT_BROW,
    NOSE_TIP,
    RIGHT_BROW,
    RIGHT_LOWER_LID,
    RIGHT_UPPER_LID,
    UPPER_LIP,
)
from livedraft.runtime.models.perception.mesh import Mesh


def mouth(**controls: float) -> Mouth:
    return np.array([controls.get(name, 0.0) for name in CONTROLS], np.float32)


def viseme(name: str) -> Expression:
    return Expression(mouth=POSES[VISEMES.index(name)])


def wide(mesh: Mesh) -> float:
    """Return the width of a mouth, in reaches of the face."""
    apart = mesh.points[UPPER_LIP[0]] - mesh.points[UPPER_LIP[-1]]
    return float(np.linalg.norm(apart)) / mesh.scale


def test_lips_close_for_silence_and_plosives_though_she_laughs(seen: Seen) -> None:
    # FaceMesh sees what it expects: of a smile it takes lips that meet for some that hardly part.
    smiling = seen(Expression(smile=1.0)).lips_apart
    assert smiling > 0.12
    for name in ("sil", "PP"):
        assert seen(viseme(name)).lips_apart < 0.4 * smiling


def test_lips_open_as_far_as_they_are_asked_to(seen: Seen) -> None:
    gaps = [seen(Expression(mouth=mouth(open=much))).lips_apart for much in (0, 0.2, 0.6, 0.92)]
    assert all(later > earlier + 0.03 for earlier, later in pairwise(gaps))
    assert gaps[-1] > 0.22


def test_mouths_are_wide_for_e_and_round_for_u(seen: Seen) -> None:
    assert wide(seen(viseme("U"))) < 0.85 * wide(seen(viseme("sil")))
    assert wide(seen(viseme("I"))) > 1.2 * wide(seen(viseme("U")))


def test_a_smile_is_relaxed_for_speech(seen: Seen) -> None:
    assert wide(seen(Expression())) < 0.95 * wide(seen(Expression(smile=1.0)))


def test_eyes_close(seen: Seen) -> None:
    shut, open_ = min(seen(Expression(blink=1.0)).lids_apart), seen(Expression()).lids_apart
    assert shut < 0.85 * min(open_), "FaceMesh believes in open eyes"


def test_brows_rise_and_fall(seen: Seen) -> None:
    def high(mesh: Mesh) -> float:
        brows = mesh.points[[*LEFT_BROW, *RIGHT_BROW], 1].mean()
        return float(mesh.points[NOSE_TIP, 1] - brows) / mesh.scale

    low, rest, up = (high(seen(Expression(brows=much))) for much in (-1.0, 0.0, 1.0))
    assert low < rest - 0.005
    assert up > rest + 0.02


def test_the_head_turns_where_it_is_said(seen: Seen) -> None:
    rest = seen(Expression()).turn
    assert seen(Expression(yaw=0.15)).turn.yaw > rest.yaw + 0.05
    assert seen(Expression(yaw=-0.15)).turn.yaw < rest.yaw - 0.05
    assert seen(Expression(roll=0.08)).turn.roll == pytest.approx(rest.roll + 0.08, abs=0.03)
    nose = [seen(Expression(pitch=much)).points[NOSE_TIP, 1] for much in (-0.1, 0.0, 0.1)]
    assert nose[0] < nose[1] - 2 < nose[2] - 4


def test_it_sways_by_px(seen: Seen) -> None:
    moved = seen(Expression(shift=(6.0, -4.0))).points - seen(Expression()).points
    assert np.allclose(moved.mean(axis=0), (6, -4), atol=1.5)


def test_eyes_look_aside(face: PhotographFace, seen: Seen) -> None:
    rim = seen(Expression()).points[[*RIGHT_UPPER_LID, *RIGHT_LOWER_LID]]
    low, high = rim.min(axis=0).astype(int), rim.max(axis=0).astype(int) + 1

    def iris(gaze: tuple[float, float]) -> float:
        """Return where it is dark in her right eye, px across."""
        eye = face.render(Expression(gaze=gaze))[low[1] : high[1], low[0] : high[0]].mean(axis=-1)
        dark = np.clip(np.percentile(eye, 40) - eye, 0, None)
        return float((dark * np.arange(eye.shape[1])).sum() / dark.sum())

    assert iris((-1.0, 0.0)) < iris((0.0, 0.0)) - 0.5
    assert iris((1.0, 0.0)) > iris((0.0, 0.0)) + 0.5


def test_at_rest_with_its_smile_it_is_the_photograph(
    face: PhotographFace, prepared: Prepare, person: Pixels
) -> None:
    twice = prepared(face.render(Expression(smile=1.0))).render(Expression(smile=1.0))
    assert np.abs(twice.astype(int) - face.render(Expression(smile=1.0)))[150:350].mean() < 40


def test_the_background_stays_where_it_is(face: PhotographFace) -> None:
    rest = face.render(Expression()).astype(int)
    turned = face.render(Expression(yaw=0.12, roll=0.06, mouth=mouth(open=0.9))).astype(int)
    for corner in (np.s_[:200, :60], np.s_[:200, -60:]):
        assert np.abs(rest[corner] - turned[corner]).max() <= 1


def test_speaking_moves_nothing_but_the_lower_face(face: PhotographFace) -> None:
    changed = np.abs(face.render(viseme("aa")).astype(int) - face.render(Expression())) > 12
    rows = np.nonzero(changed.any(axis=(1, 2)))[0]
    assert rows.min() > 190, "eyes and hair stay"


def test_frames_of_an_expression_are_alike(face: PhotographFace) -> None:
    shown = Expression(mouth=mouth(open=0.5, tongue=0.6), blink=0.4, gaze=(0.3, -0.2), yaw=0.05)
    before = face.render(shown)
    face.render(viseme("U"))
    np.testing.assert_array_equal(before, face.render(shown))


@pytest.mark.parametrize("much", [-5.0, 5.0])
def test_wild_controls_draw_a_frame(face: PhotographFace, much: float) -> None:
    shown = Expression(
        np.full(6, much, np.float32), much, much, (much, much), much, much, much, (much, much), much
    )
    assert face.render(shown).shape == (512, 512, 3)


def test_it_tells_what_it_holds(face: PhotographFace) -> None:
    assert 2_000_000 < face.nbytes < 12_000_000
