// SPDX-License-Identifier: Apache-2.0
/* What a container runtime's filter does to who runs in it: outer_filter clone3|docker COMMAND...
 * clone3: that call is ENOSYS, and nothing else is refused. docker: what Docker's default refuses without CAP_SYS_ADMIN. */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define REFUSE(call, error) \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (error))
#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define ALLOW       BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

static struct sock_filter clone3_only[] = {LOAD(nr), REFUSE(SYS_clone3, ENOSYS), ALLOW};

static struct sock_filter docker[] = {
    LOAD(nr),
    REFUSE(SYS_clone3, ENOSYS),
    REFUSE(SYS_unshare, EPERM),
    REFUSE(SYS_setns, EPERM),
    REFUSE(SYS_mount, EPERM),
    REFUSE(SYS_umount2, EPERM),
    REFUSE(SYS_pivot_root, EPERM),
    REFUSE(SYS_move_mount, EPERM),
    REFUSE(SYS_open_tree, EPERM),
    REFUSE(SYS_fsopen, EPERM),
    REFUSE(SYS_mount_setattr, EPERM),
    REFUSE(SYS_sethostname, EPERM),
    REFUSE(SYS_keyctl, EPERM),
    REFUSE(SYS_add_key, EPERM),
    REFUSE(SYS_request_key, EPERM),
    REFUSE(SYS_bpf, EPERM),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 0, 3),
    LOAD(args[0]),
    BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 0x7e020000 /* every CLONE_NEW but NEWTIME */, 0, 1),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
    ALLOW,
};

int main(int argc, char **argv)
{
    if (argc < 3)
        return 2;
    struct sock_fprog program = {.len = sizeof clone3_only / sizeof *clone3_only, .filter = clone3_only};
    if (strcmp(argv[1], "docker") == 0)
        program = (struct sock_fprog){.len = sizeof docker / sizeof *docker, .filter = docker};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) {
        perror("seccomp");
        return 2;
    }
    execvp(argv[2], argv + 2);
    perror(argv[2]);
    return 127;
}
