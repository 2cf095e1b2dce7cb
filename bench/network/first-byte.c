// SPDX-License-Identifier: Apache-2.0
/*
 * How long until something in a container has reached a host beyond it:
 *
 *   first-byte server PORT            prints the monotonic clock's nanoseconds when a connection's first byte comes
 *   first-byte client ADDRESS PORT    connects, as soon as there is a way, sends a byte and ends
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static int client(const struct sockaddr_in *to)
{
    const struct timespec moment = {.tv_nsec = 200000};
    int fd = socket(AF_INET, SOCK_STREAM, 0), rc = -1;
    for (int tries = 0; tries < 25000 && rc != 0; tries++) {
        rc = connect(fd, (const struct sockaddr *)to, sizeof *to);
        if (rc != 0 && errno != ENETUNREACH)
            break;
        if (rc != 0)
            nanosleep(&moment, NULL);
    }
    char none;
    /* What is under way when a container's network goes is lost: wait until the other has closed. */
    if (rc != 0 || write(fd, "", 1) != 1 || read(fd, &none, 1) != 0) {
        perror("first-byte");
        return 1;
    }
    return 0;
}

static int server(const struct sockaddr_in *at)
{
    int on = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (fd < 0 || bind(fd, (const struct sockaddr *)at, sizeof *at) != 0 || listen(fd, 16) != 0) {
        perror("first-byte");
        return 1;
    }
    for (;;) {
        struct timespec now;
        char byte;
        int connection = accept(fd, NULL, NULL);
        if (connection >= 0 && read(connection, &byte, 1) == 1) {
            clock_gettime(CLOCK_MONOTONIC, &now);
            printf("%lld\n", (long long)now.tv_sec * 1000000000 + now.tv_nsec);
            fflush(stdout);
        }
        close(connection);
    }
}

int main(int argc, char **argv)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    if (argc == 3 && strcmp(argv[1], "server") == 0) {
        address.sin_port = htons((uint16_t)atoi(argv[2]));
        return server(&address);
    }
    if (argc == 4 && strcmp(argv[1], "client") == 0 && inet_pton(AF_INET, argv[2], &address.sin_addr) == 1) {
        address.sin_port = htons((uint16_t)atoi(argv[3]));
        return client(&address);
    }
    fprintf(stderr, "first-byte: see its first lines\n");
    return 2;
}
