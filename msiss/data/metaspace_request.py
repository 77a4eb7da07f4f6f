"""Requests for annotated ion images of METASPACE."""

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

FDR_LEVELS = (0.05, 0.1, 0.2, 0.5)  # the levels of METASPACE


class MetaspaceRequest(BaseModel):
    """One data set of METASPACE, and which of its annotations.

    Attributes
    ----------
    id : str
        As in its address, such as 2016-09-22_11h16m17s; the whole address is accepted, too.
    database : str
        Database of molecules by name or "name version"; empty for HMDB v4 if the data set was annotated with it, else
        its first one.
    fdr : float
        Highest false discovery rate of the annotations, 0 to 1.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    database: str = ""
    fdr: float = Field(0.1, gt=0, le=1)


def _from_earlier(value: object) -> object:
    """Accept the requests of earlier versions, which have an id only."""
    if isinstance(value, str):
        return MetaspaceRequest(id=value) if value else None
    return value


# As a field of the request for an import; None for an import of files.
Metaspace = Annotated[MetaspaceRequest | None, BeforeValidator(_from_earlier)]
