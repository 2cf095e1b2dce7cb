# Asks far too often.
guess = 0
answer = ""
while answer != "right":
    guess += 1
    print(guess, flush=True)
    answer = input()
