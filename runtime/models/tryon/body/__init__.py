"""The person: joints, outline, light, what is worn."""
