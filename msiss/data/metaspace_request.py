"""Which annotated ion images of METASPACE are asked for."""

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

FDR_LEVELS = (0.05, 0.1, 0.2, 0.5)  # those at which METASPACE itself shows annotations


class MetaspaceRequest(BaseModel):
    """One data set of METASPACE, and which of its annotations.

    Attributes
    ----------
    id : str
        As in its address, such as 2016-09-22_11h16m17s; the whole address is taken too.
    database : str
        Database of molecules by name or "name version"; empty for HMDB v4 where the data set was annotated with it,
        else its first one.
    fdr : float
        Highest false discovery rate of the annotations, 0 to 1.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    database: str = ""
    fdr: float = Field(0.1, gt=0, le=1)


def _from_earlier(value: object) -> object:
    """Take what imports of before have, which knew the id alone."""
    if isinstance(value, str):
        return MetaspaceRequest(id=value) if value else None
    return value


# As part of what an import was asked for; None for an import of files.
Metaspace = Annotated[MetaspaceRequest | None, BeforeValidator(_from_earlier)]
