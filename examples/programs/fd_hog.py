# Opens files until it is stopped.
import os

files = []
try:
    while True:
        files.append(os.open("/dev/null", os.O_RDONLY))
except OSError as e:
    print(os.strerror(e.errno), "after", len(files) + 3, "descriptors")
