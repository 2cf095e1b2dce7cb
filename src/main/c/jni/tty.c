// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "glue.h"

/* Where the handler writes: a process has one set of signal handlers, so this can't be anything but global. */
static volatile int signal_pipe = -1;

static void forward(int signal)
{
    int saved = errno;
    unsigned char number = (unsigned char)signal;
    ssize_t n = write(signal_pipe, &number, 1);
    (void)n;
    errno = saved;
}

NATIVE(forwardSignal0, jint pipe, jint signal)
{
    struct sigaction action = {.sa_flags = SA_RESTART};
    action.sa_handler = forward;
    sigfillset(&action.sa_mask);
    signal_pipe = pipe;
    sigset_t one;
    sigemptyset(&one);
    sigaddset(&one, signal);
    if (sigaction(signal, &action, NULL) != 0)
        return -errno;
    return result(sigprocmask(SIG_UNBLOCK, &one, NULL));
}

/* Unlocks and opens the other end without a path: a path could be exchanged in between. ioctl_tty(2), TIOCGPTPEER, since Linux 4.13. */
NATIVE(ptyPeer0, jint master)
{
    int unlock = 0;
    if (ioctl(master, TIOCSPTLCK, &unlock) != 0)
        return -errno;
    return result(ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC));
}

/* Sets the size, rows in the upper 16 bits, unless it is negative; returns the size. */
NATIVE(windowSize0, jint fd, jint size)
{
    struct winsize window = {.ws_row = (unsigned short)(size >> 16), .ws_col = (unsigned short)size};
    if (ioctl(fd, size < 0 ? TIOCGWINSZ : TIOCSWINSZ, &window) != 0)
        return -errno;
    return (window.ws_row & 0x7fff) << 16 | window.ws_col;
}

/* The attributes go into saved, for restore; the terminal then passes every byte through. */
NATIVE(makeRaw0, jint fd, jbyteArray saved)
{
    struct termios attributes;
    if (tcgetattr(fd, &attributes) != 0)
        return -errno;
    (*env)->SetByteArrayRegion(env, saved, 0, sizeof attributes, (const jbyte *)&attributes);
    cfmakeraw(&attributes);
    return result(tcsetattr(fd, TCSANOW, &attributes));
}

NATIVE(restore0, jint fd, jbyteArray saved)
{
    struct termios attributes;
    (*env)->GetByteArrayRegion(env, saved, 0, sizeof attributes, (jbyte *)&attributes);
    return result(tcsetattr(fd, TCSANOW, &attributes));
}
