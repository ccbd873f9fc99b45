"""The Temporal client: one way to connect, for workers, API, commands and tests."""

from functools import cache

from temporalio.api.failure.v1 import Failure
from temporalio.client import Client
from temporalio.contrib.pydantic import PydanticPayloadConverter
from temporalio.converter import DataConverter, DefaultFailureConverter, PayloadConverter
from temporalio.exceptions import ApplicationError, FailureError
from temporalio.runtime import Runtime
from temporalio.service import GrpcCompression, TLSConfig

from runtime.correlation import Correlated
from runtime.settings import Settings


class DiscreetFailureConverter(DefaultFailureConverter):
    """Writes only the type and the stack of an unexpected exception into Temporal: its text may hold personal data.

    Failures that we raise on purpose hold codes and sentences without any, and go through as they are.
    """

    def to_failure(self, exception: BaseException, payload_converter: PayloadConverter, failure: Failure) -> None:
        if isinstance(exception, FailureError):
            super().to_failure(exception, payload_converter, failure)
            return
        name = type(exception).__name__
        discreet = ApplicationError(f"An unexpected {name}; the log of the process has the rest.", type=name)
        super().to_failure(discreet.with_traceback(exception.__traceback__), payload_converter, failure)


@cache
def shared_payload_converter() -> PayloadConverter:
    """The one pydantic converter of this process, and with it the validators that it has built."""
    return PydanticPayloadConverter()


class SharedPayloadConverter(PydanticPayloadConverter):
    """Makes the SDK use the shared converter. It would make one for each workflow, and building the validators of a
    case's messages each time costs more than everything else that opens a case."""

    def __new__(cls) -> "SharedPayloadConverter":
        return shared_payload_converter()  # type: ignore[return-value]


DATA_CONVERTER = DataConverter(
    payload_converter_class=SharedPayloadConverter, failure_converter_class=DiscreetFailureConverter
)

DEFAULT_ADDRESS = "127.0.0.1:7233"


def _tls(settings: Settings) -> TLSConfig:
    files = (settings.temporal_tls_ca, settings.temporal_tls_cert, settings.temporal_tls_key)
    ca, cert, key = (path.read_bytes() if path else None for path in files)
    return TLSConfig(
        server_root_ca_cert=ca, domain=settings.temporal_tls_server_name, client_cert=cert, client_private_key=key
    )


async def connect(settings: Settings, *, lazy: bool = False, runtime: Runtime | None = None) -> Client:
    """A client of the settings' namespace; `lazy` connects at the first call, so a process starts without Temporal.

    Raises RuntimeError when the server cannot be reached and `lazy` is false, and OSError when a file that the settings
    name for TLS cannot be read.
    """
    address = settings.temporal_address or DEFAULT_ADDRESS
    loopback = address.startswith(("127.", "localhost", "[::1]"))
    return await Client.connect(
        address,
        namespace=settings.temporal_namespace,
        data_converter=DATA_CONVERTER,
        # On one machine compression only costs time.
        grpc_compression=GrpcCompression.NONE if loopback else GrpcCompression.GZIP,
        lazy=lazy,
        tls=_tls(settings) if settings.temporal_encrypted else False,
        api_key=settings.temporal_api_key.get_secret_value() if settings.temporal_api_key else None,
        interceptors=[Correlated()],
        runtime=runtime,
    )
