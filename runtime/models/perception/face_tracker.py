"""One face followed from frame to frame: found once, then tracked, and steadied."""

from __future__ import annotations

import numpy as np

from ..base import Pixels
from .faces import FaceRegion, detect
from .mesh import LEAST_PRESENCE, Mesh, mesh, still_mesh
from .networks import FaceNetworks
from .one_euro import OneEuro

FORGETS_S = 0.5  # of media: what is older says nothing of where a face is now
_AGAIN_S = 0.1  # of media, between searches while nobody is there
# Of the filter, whose unit is the face's size. Lips are quick: at 1 Hz and 8 they would lag.
_CUTOFF, _BETA = 2.0, 40.0


class FaceTracker:
    """Follows one face, the surest, through the frames of a camera.

    Frames come with their times on the media clock, in µs; where those jump or the frames' size
    changes, the face is looked for anew.
    """

    def __init__(self, networks: FaceNetworks) -> None:
        self._networks = networks
        self._filter = OneEuro(_CUTOFF, _BETA)
        self._region: FaceRegion | None = None
        self._size = (0, 0)  # px, of the frame before
        self._at_s = -FORGETS_S  # of the frame before
        self._searched_s: float | None = None  # when a face was last looked for
        self._lifted = False  # how it is looked for next

    def follow(self, picture: Pixels, at_us: int) -> Mesh | None:
        """Return the face's mesh in a frame, (H, W, 3 | 4), or None while there is none."""
        at_s, size = at_us / 1e6, (picture.shape[1], picture.shape[0])
        if size != self._size or not 0 < at_s - self._at_s <= FORGETS_S:
            self.forget()
        self._size, self._at_s = size, at_s
        found = self._tracked(picture) or self._found(picture)
        if found is None:
            self._region = None
            self._filter.reset()
            return None
        self._region = found.region
        steady = self._filter.filtered(found.points.astype(np.float64), at_s, found.scale)
        return found.moved(steady.astype(np.float32))

    def forget(self) -> None:
        """Look for a face anew in the next frame."""
        self._region, self._searched_s, self._lifted = None, None, False
        self._filter.reset()

    def _tracked(self, picture: Pixels) -> Mesh | None:
        if self._region is None:
            return None
        found = mesh(picture, self._region, self._networks)
        if found.presence >= LEAST_PRESENCE:
            return found
        self._filter.reset()
        return None

    def _found(self, picture: Pixels) -> Mesh | None:
        """Return the face in a picture, if any; not in every frame, since that takes longer."""
        if self._searched_s is not None and self._at_s - self._searched_s < _AGAIN_S:
            return None
        self._searched_s = self._at_s
        # Every other time with shadows lifted, as for people.
        regions = detect(picture, self._networks, lifted=self._lifted)
        looks = (still_mesh(picture, region, self._networks) for region in regions)
        found = next((each for each in looks if each.presence >= LEAST_PRESENCE), None)
        self._lifted = found is None and not self._lifted
        return found
