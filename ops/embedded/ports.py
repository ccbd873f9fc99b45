"""Checks, before anything is started, that the ports of the stack are free."""

import errno
import socket
import sys
from collections.abc import Sequence
from dataclasses import dataclass

import psutil

from ops.trouble import Trouble

_held: list[socket.socket] = []


@dataclass(frozen=True)
class Port:
    """A port the stack will listen on, and the setting that moves it elsewhere."""

    number: int
    setting: str
    host: str = "127.0.0.1"


class PortBusy(Trouble):
    """A port cannot be had; the sentence names it, its setting and, where it can be told, who has it."""


def require_free(ports: Sequence[Port]) -> None:
    """Raises `PortBusy` for the first of `ports` that two settings share or that cannot be listened on."""
    claimed: dict[int, str] = {}
    for port in ports:
        if port.number in claimed:
            raise PortBusy(f"{claimed[port.number]} and {port.setting} are both {port.number}: give each its own port.")
        claimed[port.number] = port.setting
        _require_listening_possible(port)


def free_port() -> int:
    """A port of 127.0.0.1 that nothing listens on, and that nobody else is given for as long as this process lives.

    Raises `OSError` when the system has none left.
    """
    holder = socket.socket()
    # A server that sets this too, as all do, may listen beside a socket that is bound and does not listen.
    holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    holder.bind(("127.0.0.1", 0))
    number: int = holder.getsockname()[1]
    if sys.platform == "linux":
        _held.append(holder)
    else:
        holder.close()  # Elsewhere it would be in the server's way.
    return number


def _require_listening_possible(port: Port) -> None:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(port.host, port.number, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            # Connections of an earlier run that linger in TIME_WAIT do not make a port busy.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen(1)
    except OSError as refused:
        if refused.errno == errno.EADDRINUSE:
            why = f"is in use{_holder(port.number)}. Stop that, or choose"
        else:
            why = f"cannot be listened on at {port.host}: {refused.strerror}. Choose"
        raise PortBusy(f"Port {port.number} {why} another port with {port.setting}.") from refused


def _holder(number: int) -> str:
    try:
        for connection in psutil.net_connections("tcp"):
            listens = connection.status == psutil.CONN_LISTEN and connection.laddr and connection.laddr.port == number
            if listens and connection.pid:
                return f" by {psutil.Process(connection.pid).name()} (process {connection.pid})"
    except psutil.Error:
        pass  # The system tells only its administrator; the port's number is enough to go on.
    return ""
