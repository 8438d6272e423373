"""What the pages and the exercises say of the experiments, as assertions over the records."""
