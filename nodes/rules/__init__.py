"""Rules: pure functions without I/O.

The doors are policy, grounding, promises, rewrite and injection; what they are made of lies in
the packages, each of which says in one line what it knows (pyproject.toml holds their order).
"""
