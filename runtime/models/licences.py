"""Models whose licence forbids commercial use are served to those alone who say that they know."""

from __future__ import annotations

from collections.abc import Collection

from livedraft.errors import ConfigError

_FORBIDS = "it forbids commercial use"


def check_licence(
    name: str, licence: str, commercial: str, accepted: Collection[str], says: str = ""
) -> None:
    """Raise ConfigError for a model that may not be used commercially and is not ``accepted``.

    ``says`` tells in a sentence what its licence forbids.
    """
    if commercial == "no" and name not in accepted:
        raise ConfigError(
            f"'{name}' is under the licence {licence}: {says or _FORBIDS}",
            fix=f"if your use is within it, say so: livedraft serve --accept-licence {name}",
        )
