"""Training on ion images: settings, the training loop and its events; one package per method.

Only here, and in the process that runs a training, is torch imported; descriptions and settings of the methods are free
of it. The package may import `msiss.data` and what that imports; the packages from `msiss.runs` upwards may import it.
"""

import os

# Every pass over a batch allocates memory, which is faster in pages of 2 MB than of 4 kB if the system has them.
# PyTorch reads this variable once, before its first tensor.
os.environ.setdefault("THP_MEM_ALLOC_ENABLE", "1")

# Threads that are done with their part of an operation sleep until the others are, rather than wait in a busy loop: two
# trainings at once would spend most of their time in it. OpenMP reads this variable once, when torch is imported.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
