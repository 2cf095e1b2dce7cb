// SPDX-License-Identifier: Apache-2.0
/* Opens files until the kernel refuses, after an attempt to raise the limit. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

int main(void)
{
    struct rlimit more = {1 << 20, 1 << 20};
    int opened = 0;
    if (setrlimit(RLIMIT_NOFILE, &more) != 0)
        printf("setrlimit: %s\n", strerror(errno));
    while (open("/dev/null", O_RDONLY) >= 0)
        opened++;
    printf("open refused after %d files: %s\n", opened, strerror(errno));
    return 0;
}
