"""The client of the engine."""

from typing import Any

from distributed import Client


class EngineClient(Client):
    """A client of a Dask scheduler that is closed if it cannot connect.

    Dask leaves such a client to the garbage collector. That may close it while another one is starting and holds the
    lock of their threads, which closing needs: the page would hang forever.
    """

    def __init__(self, address: str | None = None, **how: Any) -> None:
        try:
            super().__init__(address, **how, set_as_default=False)
        except BaseException:
            self.close()
            raise
