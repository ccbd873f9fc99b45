import os
import socket
import sys

import pytest

from ops.embedded.ports import Port, PortBusy, free_port, require_free


def test_free_ports_are_taken_without_a_word() -> None:
    require_free([Port(free_port(), "CASEWRIGHT_API_PORT"), Port(free_port(), "CASEWRIGHT_TEMPORAL_PORT")])


def test_a_free_port_is_refused_until_its_server_listens() -> None:
    number = free_port()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", number), timeout=5)
    with socket.create_server(("127.0.0.1", number)) as server:
        socket.create_connection(("127.0.0.1", number), timeout=5).close()
        server.accept()[0].close()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets a server listen where another holds the port")
def test_a_free_port_is_given_to_nobody_else() -> None:
    number = free_port()
    for _ in range(2):
        with socket.socket() as stranger, pytest.raises(OSError, match="in use"):
            stranger.bind(("127.0.0.1", number))
        # Nor in the moment when its server has gone and the next has not come.
        socket.create_server(("127.0.0.1", number)).close()


@pytest.mark.parametrize("address", ["127.0.0.1", "0.0.0.0"])
def test_a_busy_port_is_named_with_its_setting_and_who_has_it(address: str) -> None:
    with socket.create_server((address, 0)) as holder:
        number = holder.getsockname()[1]
        with pytest.raises(PortBusy) as busy:
            require_free([Port(number, "CASEWRIGHT_API_PORT")])
    assert f"Port {number} is in use" in str(busy.value)
    assert "CASEWRIGHT_API_PORT" in str(busy.value)
    assert str(os.getpid()) in str(busy.value)


def test_two_settings_may_not_name_one_port() -> None:
    number = free_port()
    with pytest.raises(PortBusy, match="CASEWRIGHT_API_PORT and CASEWRIGHT_POSTGRES_PORT are both"):
        require_free([Port(number, "CASEWRIGHT_API_PORT"), Port(number, "CASEWRIGHT_POSTGRES_PORT")])


def test_an_address_that_is_not_ours_is_said() -> None:
    with pytest.raises(PortBusy, match=r"cannot be listened on at 192\.0\.2\.1"):
        require_free([Port(free_port(), "CASEWRIGHT_API_PORT", "192.0.2.1")])
