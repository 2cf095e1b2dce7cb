print("forty-two", flush=True)
input()
