"""What an attack looks like, in messages and in knowledge; nodes/rules/injection.py asks."""
