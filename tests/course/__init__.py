"""The networks, the training, the experiments and their records. Only the wheel's test needs more than the course itself."""
