"""How the head's net was made: speech, training and its figures."""
