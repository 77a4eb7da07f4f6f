"""The quality of the representations of a run: by its data alone, and against known classes and pairs."""
