"""The Temporal client: one way to connect, for workers, API, commands and tests."""

from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.service import GrpcCompression

from workers.settings import Settings

DEFAULT_ADDRESS = "127.0.0.1:7233"


async def connect(settings: Settings, *, lazy: bool = False) -> Client:
    """A client of the settings' namespace; `lazy` connects at the first call, so that a process starts without Temporal.

    Raises RuntimeError when the server cannot be reached and `lazy` is false.
    """
    address = settings.temporal_address or DEFAULT_ADDRESS
    loopback = address.startswith(("127.", "localhost", "[::1]"))
    return await Client.connect(
        address,
        namespace=settings.temporal_namespace,
        data_converter=pydantic_data_converter,
        # Compressing what never leaves the machine only costs time.
        grpc_compression=GrpcCompression.NONE if loopback else GrpcCompression.GZIP,
        lazy=lazy,
    )
