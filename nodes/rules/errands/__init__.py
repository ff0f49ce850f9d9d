"""What a customer wants done, and how a matter that waits goes on."""
