"""What try-on is made of: garments that are drawn, and networks that are trained here."""
