"""The records as pages quote them: measured numbers, tables, the papers' numbers beside ours.

Imports `records`, and never torch.
"""
