"""LoRAs of large families: files in the field's namings, and layers whose rows have their own."""
