// SPDX-License-Identifier: Apache-2.0
#include <dlfcn.h>
#include <stdio.h>

/* Built with musl-gcc: opens the JNI library as a JVM on Alpine would, every symbol resolved at once. */
int main(int argc, char **argv)
{
    if (argc != 2)
        return 2;
    if (dlopen(argv[1], RTLD_NOW) != NULL)
        return 0;
    fprintf(stderr, "%s\n", dlerror());
    return 1;
}
