"""livedraft: embeddable real-time generative media."""

from livedraft.version import __version__ as __version__
