#include <stdio.h>
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
    perror("fork");
    printf("stopped at %d tasks\n", tasks);
    return 0;
}
