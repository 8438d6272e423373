# %% [markdown]
# # Plain and residual, on your machine
#
# This lab trains a plain and a residual network side by side.

# %%
import torch

print("threads:", torch.get_num_threads() > 0)
