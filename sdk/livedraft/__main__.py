"""``python -m livedraft``, and the command ``livedraft``."""

from __future__ import annotations


def run() -> None:
    """Run the command line; Ctrl+C ends it quietly while it is still imported, too."""
    try:
        from livedraft.cli import main

        main()
    except KeyboardInterrupt:
        raise SystemExit(130) from None  # as `cli.terminal` has it, which may not be there yet


if __name__ == "__main__":
    run()
