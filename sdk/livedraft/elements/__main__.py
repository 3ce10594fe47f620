"""``python -m livedraft.elements FOLDER``: write the npm package there, as ``make npm`` does."""

import sys
from pathlib import Path

from livedraft.version import __version__

from .package import tarball

folder = Path(*sys.argv[1:2])
folder.mkdir(parents=True, exist_ok=True)
path = folder / f"livedraft-{__version__}.tgz"
path.write_bytes(tarball())
print(path)
