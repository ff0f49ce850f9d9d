"""Channels: ways in which customers and editors reach Kefu."""

import time

BEGAN_S = time.monotonic()  # when `python -m ui` began, before anything was imported
