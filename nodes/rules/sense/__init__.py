"""When two sentences say the same, the opposite, or something of somebody else."""
