"""The page Runs: all trainings on the data set, what a person writes on them, comparisons, replicates and the bin."""
