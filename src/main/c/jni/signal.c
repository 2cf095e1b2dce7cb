// SPDX-License-Identifier: Apache-2.0
#include <signal.h>
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
