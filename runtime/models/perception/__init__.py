"""What is seen in pictures of people: poses, and what their pixels are."""
