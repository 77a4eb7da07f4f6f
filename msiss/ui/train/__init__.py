"""The pages Augment and Cluster: settings of a training, its start and its progress."""
