"""What nodes/rules/policy.py weighs: features, chances, near entries, offers."""
