"""Training what ships: networks, rules of light and parts, eight bits, LoRAs."""
