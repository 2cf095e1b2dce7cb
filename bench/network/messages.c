// SPDX-License-Identifier: Apache-2.0
/*
 * What the kernel takes for a bridged container's network: the netlink messages that Hutch sends for one, sent from C.
 * Run in a network namespace of its own. Prints the microseconds of each container, a line each:
 *
 *   messages COUNT
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { NAME_TYPE = 41, ETHER_TYPE = 9, IPV4_TYPE = 7, TYPE_BITS = 6, KEY = 16 + 8 + 4 };

static char buffer[8192];
static size_t used;
static struct nlmsghdr *message;

static void check(long rc, const char *what)
{
    if (rc < 0) {
        fprintf(stderr, "messages: %s: %s\n", what, strerror(errno));
        exit(1);
    }
}

static void begin(int type, int flags, const void *header, size_t size)
{
    message = (struct nlmsghdr *)(void *)(buffer + used);
    *message = (struct nlmsghdr){.nlmsg_type = (uint16_t)type, .nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags)};
    memcpy(message + 1, header, size);
    message->nlmsg_len = (uint32_t)NLMSG_LENGTH(NLMSG_ALIGN(size));
    used += NLMSG_ALIGN(message->nlmsg_len);
}

static struct nlattr *put(int type, const void *value, size_t size)
{
    struct nlattr *a = (struct nlattr *)(void *)(buffer + used);
    a->nla_type = (uint16_t)type;
    a->nla_len = (uint16_t)(NLA_HDRLEN + size);
    if (size > 0)
        memcpy(a + 1, value, size);
    used += NLA_ALIGN(a->nla_len);
    message->nlmsg_len = (uint32_t)((char *)buffer + used - (char *)message);
    return a;
}

static void text(int type, const char *value)
{
    put(type, value, strlen(value) + 1);
}

static void u32(int type, uint32_t value)
{
    put(type, &value, sizeof value);
}

static struct nlattr *nest(int type)
{
    return put(type | NLA_F_NESTED, NULL, 0);
}

static void end(struct nlattr *a)
{
    a->nla_len = (uint16_t)(buffer + used - (char *)a);
}

/* Sends what was written; takes as many acknowledgements as were asked for, and what else comes before the last. */
static void exchange(int fd, int acks, const char *what)
{
    char answer[8192];
    check(send(fd, buffer, used, 0), what);
    used = 0;
    while (acks > 0) {
        ssize_t n = recv(fd, answer, sizeof answer, 0);
        check(n, what);
        for (struct nlmsghdr *h = (void *)answer; NLMSG_OK(h, n); h = NLMSG_NEXT(h, n))
            if (h->nlmsg_type == NLMSG_ERROR) {
                errno = -((struct nlmsgerr *)NLMSG_DATA(h))->error;
                check(errno == 0 ? 0 : -1, what);
                acks--;
            }
    }
}

static int netlink(int protocol)
{
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);
    check(fd, "socket");
    return fd;
}

static void link_message(int type, int flags, int index, unsigned int up)
{
    struct ifinfomsg header = {.ifi_index = index, .ifi_flags = up, .ifi_change = up};
    begin(type, flags, &header, sizeof header);
}

static void address(int index, int family, const char *value, uint8_t prefix, int flags)
{
    unsigned char bytes[16];
    struct ifaddrmsg header = {.ifa_family = (uint8_t)family, .ifa_prefixlen = prefix, .ifa_index = (uint32_t)index};
    size_t size = family == AF_INET ? 4 : 16;
    inet_pton(family, value, bytes);
    begin(RTM_NEWADDR, flags | NLM_F_CREATE | NLM_F_EXCL, &header, sizeof header);
    put(IFA_LOCAL, bytes, size);
    put(IFA_ADDRESS, bytes, size);
    u32(IFA_FLAGS, IFA_F_NODAD);
}

static void default_route(const char *gateway, int flags)
{
    unsigned char bytes[4];
    struct rtmsg header = {
        .rtm_family = AF_INET, .rtm_table = RT_TABLE_MAIN, .rtm_protocol = RTPROT_STATIC, .rtm_type = RTN_UNICAST};
    inet_pton(AF_INET, gateway, bytes);
    begin(RTM_NEWROUTE, flags | NLM_F_CREATE, &header, sizeof header);
    put(RTA_GATEWAY, bytes, sizeof bytes);
}

static int bridge(int route)
{
    link_message(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK, 0, IFF_UP);
    text(IFLA_IFNAME, "bench");
    struct nlattr *info = nest(IFLA_LINKINFO);
    text(IFLA_INFO_KIND, "bridge");
    end(info);
    exchange(route, 1, "make bridge");
    int index = (int)if_nametoindex("bench");
    address(index, AF_INET, "10.99.0.1", 16, NLM_F_ACK);
    exchange(route, 1, "give the bridge its address");
    return index;
}

static void nf(int type, int flags)
{
    struct nfgenmsg header = {.nfgen_family = NFPROTO_BRIDGE};
    begin(NFNL_SUBSYS_NFTABLES << 8 | type, flags, &header, sizeof header);
}

static void batch(int edge)
{
    struct nfgenmsg header = {.res_id = htons(NFNL_SUBSYS_NFTABLES)};
    begin(edge, 0, &header, sizeof header);
}

/* The set that says whose address is whose: cable, MAC address, IP address. */
static void set(int nft)
{
    uint32_t type = NAME_TYPE << 2 * TYPE_BITS | ETHER_TYPE << TYPE_BITS | IPV4_TYPE;
    batch(NFNL_MSG_BATCH_BEGIN);
    nf(NFT_MSG_NEWTABLE, NLM_F_CREATE);
    text(NFTA_TABLE_NAME, "bench");
    nf(NFT_MSG_NEWSET, NLM_F_CREATE | NLM_F_ACK);
    text(NFTA_SET_TABLE, "bench");
    text(NFTA_SET_NAME, "own");
    u32(NFTA_SET_FLAGS, 0);
    u32(NFTA_SET_KEY_TYPE, htonl(type));
    u32(NFTA_SET_KEY_LEN, htonl(KEY));
    u32(NFTA_SET_ID, htonl(1));
    batch(NFNL_MSG_BATCH_END);
    exchange(nft, 1, "make the set");
}

static void element(int nft, const char *port, const unsigned char *mac, const char *ip)
{
    unsigned char key[KEY] = {0};
    memcpy(key, port, strlen(port));
    memcpy(key + 16, mac, 6);
    inet_pton(AF_INET, ip, key + 24);
    batch(NFNL_MSG_BATCH_BEGIN);
    nf(NFT_MSG_NEWSETELEM, NLM_F_CREATE | NLM_F_ACK);
    text(NFTA_SET_ELEM_LIST_TABLE, "bench");
    text(NFTA_SET_ELEM_LIST_SET, "own");
    struct nlattr *list = nest(NFTA_SET_ELEM_LIST_ELEMENTS), *one = nest(1), *value = nest(NFTA_SET_ELEM_KEY);
    put(NFTA_DATA_VALUE, key, sizeof key);
    end(value);
    end(one);
    end(list);
    batch(NFNL_MSG_BATCH_END);
    exchange(nft, 1, "add to the set");
}

/* The cable, with its far end in the container, and that end's number there. */
static int cable(int route, int bridge, const char *port, const unsigned char *mac, int netns)
{
    link_message(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK, 0, 0);
    text(IFLA_IFNAME, port);
    u32(IFLA_NUM_TX_QUEUES, 1);
    u32(IFLA_NUM_RX_QUEUES, 1);
    u32(IFLA_MASTER, (uint32_t)bridge);
    struct nlattr *info = nest(IFLA_LINKINFO);
    text(IFLA_INFO_KIND, "veth");
    struct nlattr *data = nest(IFLA_INFO_DATA), *peer = nest(VETH_INFO_PEER);
    struct ifinfomsg header = {0};
    memcpy(buffer + used, &header, sizeof header);
    used += sizeof header;
    text(IFLA_IFNAME, "eth0");
    u32(IFLA_NUM_TX_QUEUES, 1);
    u32(IFLA_NUM_RX_QUEUES, 1);
    put(IFLA_ADDRESS, mac, 6);
    u32(IFLA_NET_NS_FD, (uint32_t)netns);
    end(peer);
    end(data);
    end(info);
    message->nlmsg_len = (uint32_t)(buffer + used - (char *)message);
    link_message(RTM_GETLINK, NLM_F_ACK, 0, 0);
    text(IFLA_IFNAME, port);
    link_message(RTM_NEWLINK, NLM_F_ACK, 0, IFF_UP);
    text(IFLA_IFNAME, port);
    exchange(route, 3, "lay the cable");
    return 2; /* in a new namespace, loopback is 1 */
}

static void inside(int route, int index, const char *ip4, const char *ip6)
{
    link_message(RTM_NEWLINK, 0, index, IFF_UP);
    address(index, AF_INET, ip4, 16, 0);
    address(index, AF_INET6, ip6, 64, 0);
    default_route("10.99.0.1", NLM_F_ACK);
    exchange(route, 1, "addresses and route inside");
}

static double micros(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

/* A socket of another namespace's, without a thread that stays there. */
static int netlink_in(int netns, int home)
{
    check(setns(netns, CLONE_NEWNET), "setns");
    int fd = netlink(NETLINK_ROUTE);
    check(setns(home, CLONE_NEWNET), "setns back");
    return fd;
}

int main(int argc, char **argv)
{
    int count = argc > 1 ? atoi(argv[1]) : 100;
    int route = netlink(NETLINK_ROUTE), nft = netlink(NETLINK_NETFILTER);
    int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
    int on_bridge = bridge(route);
    set(nft);
    for (int i = 0; i < count; i++) {
        char path[64], port[32], ip4[32], ip6[64];
        unsigned char mac[6] = {2, 0, 10, 99, 1, (unsigned char)i};
        int ready[2];
        check(pipe(ready), "pipe");
        pid_t pid = fork();
        if (pid == 0) {
            check(unshare(CLONE_NEWNET), "unshare");
            check(write(ready[1], "", 1), "write");
            pause();
        }
        check(read(ready[0], path, 1), "read");
        snprintf(path, sizeof path, "/proc/%d/ns/net", pid);
        snprintf(port, sizeof port, "bench.%d", i);
        snprintf(ip4, sizeof ip4, "10.99.%d.%d", 1 + i / 250, 1 + i % 250);
        snprintf(ip6, sizeof ip6, "fd99::%x", i + 2);
        int netns = open(path, O_RDONLY | O_CLOEXEC), in = netlink_in(netns, home);
        double from = micros();
        int index = cable(route, on_bridge, port, mac, netns);
        element(nft, port, mac, ip4);
        inside(in, index, ip4, ip6);
        printf("%.1f\n", micros() - from);
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
        close(netns), close(in), close(ready[0]), close(ready[1]);
        link_message(RTM_DELLINK, NLM_F_ACK, 0, 0);
        text(IFLA_IFNAME, port);
        exchange(route, 1, "remove the cable");
    }
}
