# Runs a command at a terminal of 40 rows and 100 columns, and follows the steps on standard input, one a line:
#   expect TEXT    waits until the terminal has shown it        send TEXT     types it, with Python's escapes
#   size R C       changes the window                           stopped       waits until the command was stopped
#   signal N       sends the command a signal                   settings      prints whether the terminal echoes
# Prints what the terminal showed, and "status N" at the end. A step that takes over 60 seconds ends it with status 99.
import fcntl, os, pty, select, signal, struct, sys, termios, time

shown = b""


def size(fd, rows, columns):
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def read(fd, seconds):
    global shown
    if not select.select([fd], [], [], seconds)[0]:
        return True
    try:
        data = os.read(fd, 65536)
    except OSError:
        return False
    shown += data
    return bool(data)


def expect(fd, text):
    global shown
    end = time.time() + 60
    while text not in shown:
        if time.time() > end or not read(fd, 1):
            print(shown.decode(), "-- no", text.decode())
            sys.exit(99)
    before, _, shown = shown.partition(text)
    print((before + text).decode().replace("\r\n", "\n"), end="")


pid, fd = pty.fork()
if pid == 0:
    signal.alarm(0)
    os.execvp(sys.argv[1], sys.argv[1:])
size(fd, 40, 100)
for line in sys.stdin:
    word, _, text = line.rstrip("\n").partition(" ")
    if word == "expect":
        expect(fd, text.encode())
    elif word == "send":
        os.write(fd, text.encode().decode("unicode_escape").encode())
    elif word == "size":
        size(fd, *map(int, text.split()))
    elif word == "stopped":
        print("stopped" if os.WIFSTOPPED(os.waitpid(pid, os.WUNTRACED)[1]) else "ended")
    elif word == "signal":
        os.kill(pid, int(text))
    elif word == "settings":
        print("echo" if termios.tcgetattr(fd)[3] & termios.ECHO else "raw")
end = time.time() + 60
while read(fd, 1):
    if time.time() > end:
        print(shown.decode(), "-- no end")
        sys.exit(99)
print(shown.decode().replace("\r\n", "\n"), end="")
print("status", os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
