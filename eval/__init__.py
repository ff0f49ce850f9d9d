"""Measurements: what Kefu finds, decides and costs."""

import tools  # noqa: F401 numpy counts its threads when it is first imported: tools says how many
