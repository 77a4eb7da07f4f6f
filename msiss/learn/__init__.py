import os

# Every pass over a batch asks for memory anew, which is quicker in pages of 2 MB than of 4 kB, where the system offers
# them. PyTorch looks at this once, before its first tensor.
os.environ.setdefault("THP_MEM_ALLOC_ENABLE", "1")
