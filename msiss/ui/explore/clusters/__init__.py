"""The page Clusters: all clusters, one of them, the spectrum, the review of doubtful ions, and learning from it."""
