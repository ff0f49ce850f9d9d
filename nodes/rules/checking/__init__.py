"""What in a reply its passages do not say; beside grounding.py and promises.py."""
