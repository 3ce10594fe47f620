"""A style of one's own, learned from one picture: the net that ships, frozen but for a style."""
