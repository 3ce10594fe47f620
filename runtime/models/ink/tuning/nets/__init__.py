"""The networks in torch, for training: what is trained, exported, and adapted by LoRAs."""
