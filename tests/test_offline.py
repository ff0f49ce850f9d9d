import socket

import pytest

from graph.settings import Settings


def test_connections_that_leave_the_machine_are_forbidden() -> None:
    with socket.socket() as sock, pytest.raises(RuntimeError, match=r"192\.0\.2\.1"):
        sock.connect(("192.0.2.1", 80))


def test_names_of_other_machines_are_not_even_looked_up() -> None:
    with pytest.raises(RuntimeError, match=r"kefu\.example"):
        socket.getaddrinfo("kefu.example", 80)


def test_loopback_is_allowed() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname()).close()


def test_the_server_that_the_environment_names_is_for_its_own_tests_alone() -> None:
    assert Settings().search.url == ""
