// SPDX-License-Identifier: Apache-2.0
/* Takes memory, 16 MiB at a time, and writes to every page of it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(void)
{
    const size_t step = 16 << 20;
    for (size_t mebibytes = 16;; mebibytes += 16) {
        char *block = malloc(step);
        if (block == NULL) {
            puts("malloc said no");
            return 1;
        }
        memset(block, 'x', step);
        printf("%zu MiB\n", mebibytes);
        fflush(stdout);
    }
}
