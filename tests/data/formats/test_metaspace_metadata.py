"""What METASPACE knows about a measurement."""

import pytest

from msiss.data.formats.metaspace_metadata import in_mapping, measurement, pixel_size

METADATA = {
    "Sample_Information": {"Organism": "Mus musculus (mouse)", "Organism_Part": "Brain", "Condition": "N/A"},
    "Sample_Preparation": {"Sample_Stabilisation": "Fresh frozen", "MALDI_Matrix": "none"},
    "MS_Analysis": {
        "Polarity": "Positive",
        "Ionisation_Source": "DESI",
        "Analyzer": "Orbitrap",
        "Pixel_Size": {"Xaxis": 20, "Yaxis": "40"},
        "Detector_Resolving_Power": {"mz": 200, "Resolving_Power": 140000},
    },
    "Submitted_By": {"Institution": "Somewhere", "Submitter": {"First_Name": "Ada", "Surname": "L"}},
}


def test_the_form_is_read_without_who_filled_it_in() -> None:
    assert measurement(in_mapping(METADATA)) == {
        "Ion source": "DESI",
        "Mass analyzer": "Orbitrap",
        "Resolving power": "140,000 at m/z 200",
        "Organism": "Mus musculus (mouse)",
        "Tissue": "Brain",
        "Sample preparation": "Fresh frozen",
    }
    assert pixel_size(in_mapping(METADATA)) == (40.0, 20.0)


@pytest.mark.parametrize(
    "metadata",
    [
        {},
        {"MS_Analysis": None, "Sample_Information": "Brain"},
        {"MS_Analysis": {"Pixel_Size": {"Xaxis": "x", "Yaxis": 1}, "Analyzer": 3, "Detector_Resolving_Power": [1]}},
        {"MS_Analysis": {"Pixel_Size": {"Xaxis": float("inf"), "Yaxis": 1}}},
    ],
)
def test_what_is_missing_or_has_another_form_is_left_out(metadata) -> None:
    assert measurement(in_mapping(metadata)) == {}
    assert pixel_size(in_mapping(metadata)) is None
