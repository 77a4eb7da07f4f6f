"""The pages Map, Clusters, Similarity and Quality: the results of a run."""
