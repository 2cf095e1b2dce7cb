// SPDX-License-Identifier: Apache-2.0
/* 1 GiB of static data, touched page by page. */
#include <stdio.h>

static char data[1 << 30];

int main(void)
{
    for (size_t i = 0; i < sizeof data; i += 4096)
        ((volatile char *)data)[i] = 1;
    puts("touched");
    return 0;
}
