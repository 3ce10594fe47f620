"""What try-on is made of: networks that are fetched and converted, and what is trained here."""
