"""What old clothes leave bare, when others are worn in their place: arms, neck, background."""
