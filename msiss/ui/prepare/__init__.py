"""The page Prepare: selection of ions and pixels, intensities, and the recipe."""
