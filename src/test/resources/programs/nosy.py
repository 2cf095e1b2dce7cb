# SPDX-License-Identifier: Apache-2.0
"""Tries to read what is not its own and to reach the network; says what happened each time."""
import os
import socket


def attempt(what, deed):
    try:
        print(f"{what}: {deed()}")
    except OSError as refusal:
        print(f"{what}: {type(refusal).__name__}: {refusal.strerror}")


def read(path):
    with open(path, "rb") as file:
        return f"read {len(file.read())} bytes"


def connect():
    with socket.create_connection(("192.0.2.1", 80), timeout=2):
        return "connected"


attempt("/etc/shadow", lambda: read("/etc/shadow"))
attempt("/root", lambda: os.listdir("/root"))
attempt("/home", lambda: os.listdir("/home"))
attempt("/var/log", lambda: os.listdir("/var/log"))
attempt("/proc/1/environ", lambda: read("/proc/1/environ"))
attempt("socket to 192.0.2.1:80", connect)
print("processes:", sum(name.isdigit() for name in os.listdir("/proc")))
