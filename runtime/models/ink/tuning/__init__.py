"""Training LoRAs for `ink` on a folder of pictures; needs torch, which serving does not."""
