"""What a message is about and how it leans on the one before."""
