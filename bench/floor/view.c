// SPDX-License-Identifier: Apache-2.0
#include "floor.h"

#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SEALED (MS_NOSUID | MS_NODEV | MS_NOEXEC)

static void make_folder(const char *path)
{
    check(mkdir(path, 0755), path);
}

static void make_file(const char *path, const char *content)
{
    int fd = check(open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644), path);
    check(write(fd, content, strlen(content)), path);
    close(fd);
}

static void fresh(const char *type, const char *target, unsigned long flags, const char *options)
{
    check(mount(type, target, type, flags, options), target);
}

static void bind_tree(const char *source, const char *target)
{
    check(mount(source, target, NULL, MS_BIND | MS_REC, NULL), target);
}

static void restrict_tree(const char *target, uint64_t attributes)
{
    struct mount_attr set = {.attr_set = attributes};
    check(mount_setattr(AT_FDCWD, target, AT_RECURSIVE, &set, sizeof set), target);
}

static void pivot(const char *root)
{
    check(chdir(root), root);
    check(syscall(SYS_pivot_root, ".", "."), "pivot_root");
    check(umount2(".", MNT_DETACH), "umount");
    check(chdir("/"), "/");
}

/* ---- The zygote's own surroundings, made once ---- */

static const char *const devices[] = {"null", "zero", "full", "random", "urandom", "tty"};
static const char *const etc[] = {
    "alternatives", "ca-certificates",
    "fonts",        "glvnd",
    "groff",        "java-17-openjdk",
    "ld.so.cache",  "ld.so.conf.d",
    "maven",        "mime.types",
    "perl",         "profile.d",
    "python3",      "python3.11",
    "sgml",         "ssl",
    "terminfo",     "vim",
    "xdg",          "xml",
};
static const char *const masked[] = {"acpi", "asound", "interrupts", "kcore", "keys", "scsi", "timer_list"};
static const char *const read_only[] = {"bus", "fs", "irq", "sys", "sysrq-trigger"};

static void zygote_devices(void)
{
    char target[64];
    char source[64];
    make_folder("/mnt/dev");
    for (unsigned int i = 0; i < LENGTH(devices); i++) {
        snprintf(source, sizeof source, "/dev/%s", devices[i]);
        snprintf(target, sizeof target, "/mnt/dev/%s", devices[i]);
        make_file(target, "");
        bind_tree(source, target);
        restrict_tree(target, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC);
    }
    make_folder("/mnt/dev/pts");
    make_folder("/mnt/dev/shm");
    make_folder("/mnt/dev/mqueue");
    check(symlink("/proc/self/fd", "/mnt/dev/fd"), "fd");
    check(symlink("/proc/self/fd/0", "/mnt/dev/stdin"), "stdin");
    check(symlink("/proc/self/fd/1", "/mnt/dev/stdout"), "stdout");
    check(symlink("/proc/self/fd/2", "/mnt/dev/stderr"), "stderr");
    check(symlink("pts/ptmx", "/mnt/dev/ptmx"), "ptmx");
}

static void zygote_etc(void)
{
    char target[64];
    char source[64];
    struct stat status;
    make_folder("/mnt/view/etc");
    fresh("tmpfs", "/mnt/view/etc", MS_NOSUID | MS_NODEV, "mode=755");
    for (unsigned int i = 0; i < LENGTH(etc); i++) {
        snprintf(source, sizeof source, "/etc/%s", etc[i]);
        snprintf(target, sizeof target, "/mnt/view/etc/%s", etc[i]);
        if (stat(source, &status) != 0)
            continue;
        if (S_ISDIR(status.st_mode))
            make_folder(target);
        else
            make_file(target, "");
        bind_tree(source, target);
    }
    check(symlink("/run/hutch/passwd", "/mnt/view/etc/passwd"), "passwd");
    check(symlink("/run/hutch/group", "/mnt/view/etc/group"), "group");
    check(symlink("/run/hutch/hosts", "/mnt/view/etc/hosts"), "hosts");
    check(symlink("/run/hutch/hostname", "/mnt/view/etc/hostname"), "hostname");
}

/* A clone copies every mount of its parent's namespace, so this one holds only what containers are made of. */
void zygote_mounts(void)
{
    check(unshare(CLONE_NEWNS), "unshare");
    check(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), "private");
    fresh("tmpfs", "/mnt", MS_NOSUID, "mode=755");
    make_folder("/mnt/proc");
    check(mount("/proc", "/mnt/proc", NULL, MS_BIND, NULL), "/proc");
    make_folder("/mnt/sys");
    check(mount("/sys", "/mnt/sys", NULL, MS_BIND, NULL), "/sys");
    make_folder("/mnt/new");
    make_folder("/mnt/view");
    make_folder("/mnt/view/usr");
    bind_tree("/usr", "/mnt/view/usr");
    make_folder("/mnt/view/fontconfig");
    bind_tree(access("/var/cache/fontconfig", F_OK) == 0 ? "/var/cache/fontconfig" : "/usr/share",
              "/mnt/view/fontconfig");
    zygote_devices();
    zygote_etc();
    restrict_tree("/mnt/view/usr", MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
    restrict_tree("/mnt/view/fontconfig", MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
    restrict_tree("/mnt/view/etc", MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
    pivot("/mnt");
}

/* ---- The surroundings of a container ---- */

static void loopback_up(void)
{
    struct {
        struct nlmsghdr header;
        struct ifinfomsg link;
    } request = {
        .header = {.nlmsg_len = sizeof request, .nlmsg_type = RTM_NEWLINK, .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK},
        .link = {.ifi_index = 1, .ifi_flags = IFF_UP, .ifi_change = IFF_UP},
    };
    char answer[1024];
    int fd = check(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE), "netlink");
    check(send(fd, &request, sizeof request, 0), "netlink");
    check(recv(fd, answer, sizeof answer, 0), "netlink");
    close(fd);
}

static void root_folders(void)
{
    static const char *const made[] = {
        "/new/usr",       "/new/var",           "/new/var/cache", "/new/var/cache/fontconfig",
        "/new/etc",       "/new/run",           "/new/run/hutch", "/new/home",
        "/new/home/user", "/new/proc",          "/new/dev",       "/new/sys",
        "/new/sys/fs",    "/new/sys/fs/cgroup", "/new/tmp",
    };
    fresh("tmpfs", "/new", MS_NOSUID | MS_NODEV, "mode=755,size=1m");
    check(symlink("usr/bin", "/new/bin"), "bin");
    check(symlink("usr/sbin", "/new/sbin"), "sbin");
    check(symlink("usr/lib", "/new/lib"), "lib");
    check(symlink("usr/lib64", "/new/lib64"), "lib64");
    for (unsigned int i = 0; i < LENGTH(made); i++)
        make_folder(made[i]);
    check(symlink("/tmp", "/new/var/tmp"), "tmp");
    make_file("/new/run/hutch/passwd",
              "root:x:0:0:root:/root:/usr/sbin/nologin\nuser:x:1000:1000::/home/user:/bin/sh\n");
    make_file("/new/run/hutch/group", "root:x:0:\ntty:x:5:\nuser:x:1000:\nnogroup:x:65534:\n");
    make_file("/new/run/hutch/hosts", "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost\n127.0.1.1\tfloor\n");
    make_file("/new/run/hutch/hostname", "floor\n");
}

static void write_existing(const char *path, const char *value)
{
    int fd = check(open(path, O_WRONLY | O_CLOEXEC), path);
    check(write(fd, value, strlen(value)), path);
    close(fd);
}

static void proc_mounts(void)
{
    char target[64];
    struct stat status;
    fresh("proc", "/new/proc", SEALED, NULL);
    write_existing("/new/proc/sys/net/ipv4/ip_unprivileged_port_start", "0");
    write_existing("/new/proc/sys/net/ipv4/ping_group_range", "0 65535");
    for (unsigned int i = 0; i < LENGTH(masked); i++) {
        snprintf(target, sizeof target, "/new/proc/%s", masked[i]);
        if (stat(target, &status) != 0)
            continue;
        if (S_ISDIR(status.st_mode))
            fresh("tmpfs", target, SEALED | MS_RDONLY, NULL);
        else
            bind_tree("/dev/null", target);
    }
    for (unsigned int i = 0; i < LENGTH(read_only); i++) {
        snprintf(target, sizeof target, "/new/proc/%s", read_only[i]);
        if (stat(target, &status) != 0 || !S_ISDIR(status.st_mode))
            continue;
        bind_tree(target, target);
        check(mount(NULL, target, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | SEALED, NULL), target);
    }
}

static void cgroup_mounts(void)
{
    char target[128];
    if (the.unified) {
        fresh("cgroup2", "/new/sys/fs/cgroup", SEALED | MS_RDONLY, NULL);
        return;
    }
    for (unsigned int i = 0; i < the.folder_count; i++) {
        snprintf(target, sizeof target, "/new/sys/fs/cgroup/%s", the.folders[i]);
        make_folder(target);
        fresh("cgroup", target, SEALED | MS_RDONLY, the.folders[i]);
    }
}

/* The default view of the host: some fifty mounts in the end, half of which come with a tree of the zygote's. */
void surroundings(void)
{
    check(sethostname("floor", 5), "sethostname");
    check(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), "private");
    loopback_up();
    root_folders();
    bind_tree("/view/usr", "/new/usr");
    bind_tree("/view/fontconfig", "/new/var/cache/fontconfig");
    bind_tree("/view/etc", "/new/etc");
    proc_mounts();
    bind_tree("/dev", "/new/dev");
    check(mount(NULL, "/new/dev", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID, NULL), "/dev");
    fresh("devpts", "/new/dev/pts", MS_NOSUID | MS_NOEXEC, "newinstance,ptmxmode=0666,mode=620,gid=5");
    fresh("tmpfs", "/new/dev/shm", SEALED, "mode=1777,size=1073741824");
    fresh("mqueue", "/new/dev/mqueue", SEALED, NULL);
    cgroup_mounts();
    fresh("tmpfs", "/new/tmp", MS_NOSUID | MS_NODEV, "mode=1777,size=1073741824");
    fresh("tmpfs", "/new/home/user", MS_NOSUID | MS_NODEV, "mode=755,size=1073741824,uid=1000,gid=1000");
    check(mount(NULL, "/new", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV, NULL), "read-only");
    pivot("/new");
}
