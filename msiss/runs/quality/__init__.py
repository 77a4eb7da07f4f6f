"""How far the representations of a run can be trusted: by the data alone, and against known classes and pairs."""
