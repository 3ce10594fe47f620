"""The avatars that ship: DiceBear's drawings, taken apart and coloured."""
