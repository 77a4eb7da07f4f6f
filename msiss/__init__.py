"""msiss groups the ion images of a mass spectrometry imaging data set into co-localized molecules."""

__version__ = "0.1.0"
