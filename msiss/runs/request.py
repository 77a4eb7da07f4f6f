"""The request of a run: what is trained on what, by which version of the method."""

import hashlib
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from pydantic import BaseModel

from msiss import version
from msiss.learn.config import RunConfig
from msiss.learn.methods import AnyConfig


class RunRequest(BaseModel):
    """The request of a run; equal requests have the same result and the same identity."""

    dataset: Path
    fingerprint: str
    config: AnyConfig
    method: str
    created: datetime

    @classmethod
    def now(cls, dataset: Path, fingerprint: str, config: RunConfig) -> "RunRequest":
        """Return a request with the current time and the current version of the method."""
        return cls(
            dataset=dataset.resolve(),
            fingerprint=fingerprint,
            config=config,
            method=method_version(),
            created=datetime.now(UTC),
        )

    @property
    def identity(self) -> str:
        """A hash of the data, the settings and the code of the method, 16 hexadecimal digits."""
        parts = [self.fingerprint, self.config.model_dump_json(), self.method]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


@cache
def method_version() -> str:
    """Return a hash of the code that determines the result, so that runs of older code are not reused."""
    package = version.PACKAGE
    sources = [
        *(package / "learn").rglob("*.py"),
        *(package / "analyse").rglob("*.py"),
        package / "data" / "prepare.py",
        package / "data" / "prepare_steps.py",
    ]
    digest = hashlib.sha256()
    for source in sorted(sources):
        digest.update(source.read_bytes())
    return digest.hexdigest()[:16]
