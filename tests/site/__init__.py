"""What the pages are written in, and what the build makes of it."""
