"""The pages Augment and Cluster: the settings, start and progress of a training."""
