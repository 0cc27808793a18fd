"""Ports, before somebody listens on them."""

from __future__ import annotations

import socket


def free(host: str, port: int) -> bool:
    """Whether it can be listened on now; False for an address that is not this machine's."""
    try:
        family, kind, number, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, number) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError:
        return False
    return True
