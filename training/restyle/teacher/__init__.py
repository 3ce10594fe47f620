"""What each style looks like: a net of 26 styles that is learned from, and filters of our own."""
