// SPDX-License-Identifier: Apache-2.0
/* Every process forks until the kernel refuses; the first one tells how far it came. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(void)
{
    int children = 0;
    for (;;) {
        pid_t pid = fork();
        if (pid < 0)
            break;
        if (pid == 0)
            for (;;)
                if (fork() < 0)
                    pause();
        children++;
    }
    printf("fork refused after %d children of the first process: %s\n", children, strerror(errno));
    return 1;
}
