"""The machine that a run finds: its devices, several processes as one, files that are written whole.

Imports nothing of the course but its errors.
"""
