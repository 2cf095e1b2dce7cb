# The judge's side of the problem: standard output and input are the solution's, the verdict is said on standard error.
import sys

number = int(sys.argv[1])
for guesses in range(1, 11):
    line = sys.stdin.readline(100).strip()
    if not line.isdecimal():
        sys.exit(f"no number but '{line[:20]}' after {guesses - 1} guesses")
    if int(line) == number:
        print("right", flush=True)
        print(f"found in {guesses} guesses", file=sys.stderr)
        break
    print("higher" if int(line) < number else "lower", flush=True)
else:
    sys.exit("not found in 10 guesses")
