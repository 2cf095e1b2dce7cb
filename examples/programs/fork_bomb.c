#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Forks for as long as it can; each child waits. */
int main(void)
{
    int tasks = 1;
    for (; tasks < 1000000; tasks++) {
        pid_t pid = fork();
        if (pid == 0)
            pause();
        if (pid < 0)
            break;
    }
    printf("fork: %s\nstopped at %d tasks\n", strerror(errno), tasks);
    return 0;
}
