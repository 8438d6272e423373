"""What one types: scripts/, make, and what runs on others' machines for us."""
