"""Can `make serve` have this port?

python -m sitetools.commands.serving PORT
"""

import socket
import sys


def refusal(port: str) -> str:
    """Why nothing can be served at this port, or ""."""
    if not port.isdecimal() or not 1 <= int(port) <= 65535:
        return f"PORT={port} is no port: choose a number from 1024 to 65535, such as make serve PORT=8001"
    with socket.socket() as taker:
        taker.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the server does that comes after
        try:
            taker.bind(("127.0.0.1", int(port)))
        except OSError as error:
            other = int(port) % 60000 + 1025
            return (
                f"port {port} cannot be had ({error.strerror}): stop what is served there, "
                f"or choose another, such as make serve PORT={other}"
            )
    return ""


if __name__ == "__main__":
    if found := refusal(sys.argv[1]):
        sys.exit(f"error: {found}")
