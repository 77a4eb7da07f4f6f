"""The page Report: what a user takes away from a run."""
