# Tries to read what isn't its own, and to talk to somebody.
import os, socket

for path in ("/etc/shadow", "/root/.ssh/id_ed25519", "/proc/1/environ"):
    try:
        open(path).read()
        print("read", path)
    except OSError as e:
        print(path + ":", os.strerror(e.errno))
try:
    socket.create_connection(("192.0.2.1", 443), timeout=5)
    print("connected")
except OSError as e:
    print("192.0.2.1:", os.strerror(e.errno))
