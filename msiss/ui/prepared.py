"""Prepared images of the current data set, computed once per data set and settings."""

import streamlit as st

from msiss.data.ion_images import IonImages
from msiss.data.prepare import PrepareConfig, Prepared, prepare


def prepared(images: IonImages, config: PrepareConfig) -> Prepared:
    """Return the images as a training with these settings sees them; do not change the arrays."""
    return _prepared(images.fingerprint, config.model_dump_json(), images, config)


@st.cache_resource(show_spinner="Preparing the ion images", max_entries=4)
def _prepared(fingerprint: str, settings: str, _images: IonImages, _config: PrepareConfig) -> Prepared:  # noqa: ARG001
    return prepare(_images, _config)
