# A line without end.
while True:
    print("1", end="")
