"""``python -m livedraft``."""

from livedraft.cli import main

main()
