"""The page Report: the downloads of a run."""
