"""What came after the first clients of version 1: each end names in ``features`` what it uses."""

from __future__ import annotations

MEDIA = "media"  # sound and moving pictures, in ``media`` messages
MODELS = "models"  # refine with another model, and switch the model
KEYS = "keys"  # codecs whose frames need those before them, and asking for key frames
LORAS = "loras"  # hear of LoRAs that a model was given, or has no more
TALK = "talk"  # text in pieces, and ``interrupt``
RTP = "rtp"  # over WebRTC: video and sound on tracks beside the messages, which tell of them
LOADING = "loading"  # hear how far a model is that a session waits for
ARRIVALS = "arrivals"  # hear in an open session how far other models are, and begin before them
FILMS = "films"  # say what a refine is to give, have films as files, and hear how far they are
FEATURES = (MEDIA, MODELS, KEYS, LORAS, TALK, RTP, LOADING, ARRIVALS, FILMS)  # what a server does
