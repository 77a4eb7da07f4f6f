"""What ``msiss score`` prints."""

from collections.abc import Mapping

from msiss.runs.quality.scores import Scores
from msiss.runs.quality.trust import summary, trust


def print_scores(scores: Scores) -> None:
    """Print what the data say by themselves, then the scores against what is known."""
    if scores["evidence"] is not None:
        headline, reasons = trust(scores["evidence"])
        print("\n".join([headline, *(f"- {reason}" for reason in reasons)]))
        for name, row in summary(scores["evidence"]).items():
            print(f"{name:15} {_numbers(row)}")
    for name, values in scores["representations"].items():
        parts = [_numbers(values)] if values["ari"] is not None else []
        for kind, pair in values["pairs"].items():
            parts.append(f"{kind} pairs (n {pair['n']}): {_numbers(pair)}")
        if parts:
            print(f"{name:15} {'; '.join(parts)}")


def _numbers(values: Mapping[str, object]) -> str:
    return " ".join(f"{key} {value:.3f}" for key, value in values.items() if isinstance(value, float))
