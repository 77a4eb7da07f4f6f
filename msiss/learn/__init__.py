import os

# Every pass over a batch asks for memory anew. In pages of 2 MB rather than 4 kB, where the system offers them, a step
# takes two thirds of the time (benchmarks/speed.py). PyTorch looks at this once, before its first tensor.
os.environ.setdefault("THP_MEM_ALLOC_ENABLE", "1")
