# Tries to open a connection to each of these hosts.
import socket, sys

for host in sys.argv[1:]:
    try:
        socket.create_connection((host, 443), timeout=5).close()
        print(host, "is reached")
    except OSError as e:
        print(host + ":", e.strerror)
