"""Training of LoRAs, whichever model they are for: one loop, one kind of folder, one command."""
