"""What stands in for Python (`forked`): it asks a server to fork, and ends as that process does.

It imports only what Python starts with, for json and socket take twice as long as all else it does.
"""

import _socket
import marshal
import posix
import sys

HUB = (b"HF_", b"HUGGINGFACE_", b"TRANSFORMERS_")  # at which transformers looks when imported


def ask(program, arguments):
    """Ask the server of a program for a process with these arguments, and return how it ended."""
    asked = _socket.socket(_socket.AF_UNIX)
    has_models = not any(name.startswith(HUB) for name in posix.environ)
    try:
        asked.connect(f"{program}.{'models' if has_models else 'socket'}")
    except OSError:  # it imports still
        asked.connect(f"{program}.socket")
    request = marshal.dumps((arguments, posix.getcwd(), posix.environ))
    streams = b"".join(number.to_bytes(4, sys.byteorder) for number in range(3))
    rights = [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, streams)]
    asked.sendmsg([len(request).to_bytes(8, "big")], rights)
    asked.sendall(request)
    ended = int(asked.recv(8) or -9)
    return ended if ended >= 0 else 128 - ended


if __name__ == "__main__":
    posix._exit(ask(sys.argv[1], sys.argv[2:]))
