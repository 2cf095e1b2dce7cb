# Takes memory until it is stopped.
blocks = []
while True:
    blocks.append(b"x" * (16 << 20))
