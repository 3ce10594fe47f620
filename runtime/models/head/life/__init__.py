"""What a face does that nobody tells it to: it blinks, breathes, looks about, sways and nods."""

from .life import Life as Life
from .life import State as State
