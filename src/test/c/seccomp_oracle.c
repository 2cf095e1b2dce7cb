// SPDX-License-Identifier: Apache-2.0

/*
 * What libseccomp and the kernel make of a filter, for LibseccompFuzz.
 *
 *   seccomp_oracle compile    lines on standard input, the BPF that libseccomp makes of them on standard output:
 *                               arch x86_64|aarch64
 *                               default ACTION
 *                               rule NAME NUMBER ACTION [INDEX OPERATOR VALUE VALUETWO]...
 *                             ACTION and the values in hexadecimal, OPERATOR as enum scmp_compare counts. A call that
 *                             libseccomp does not know is named on standard error and left out.
 *   seccomp_oracle try CALL…  installs the BPF on standard input, makes each call (NUMBER:ARG:ARG…, hexadecimal) and
 *                             prints its errno, 0 for none.
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static void require(int rc, const char *what)
{
    if (rc < 0) {
        fprintf(stderr, "seccomp_oracle: %s: %s\n", what, strerror(-rc));
        exit(1);
    }
}

static uint64_t number(const char *text)
{
    return text == NULL ? 0 : strtoull(text, NULL, 16);
}

static void set_arch(scmp_filter_ctx ctx, const char *name)
{
    uint32_t arch = seccomp_arch_resolve_name(name);
    if (arch == seccomp_arch_native())
        return;
    require(seccomp_arch_add(ctx, arch), "seccomp_arch_add");
    require(seccomp_arch_remove(ctx, seccomp_arch_native()), "seccomp_arch_remove");
}

static void add_rule(scmp_filter_ctx ctx, bool native, const char *name)
{
    int call = seccomp_syscall_resolve_name(name);
    int known = (int)number(strtok(NULL, " \n"));
    uint32_t action = (uint32_t)number(strtok(NULL, " \n"));
    struct scmp_arg_cmp args[6];
    unsigned int count = 0;

    for (const char *index = strtok(NULL, " \n"); index != NULL && count < 6; index = strtok(NULL, " \n")) {
        args[count].arg = (unsigned int)number(index);
        args[count].op = (enum scmp_compare)number(strtok(NULL, " \n"));
        args[count].datum_a = number(strtok(NULL, " \n"));
        args[count].datum_b = number(strtok(NULL, " \n"));
        count++;
    }
    if (call == __NR_SCMP_ERROR && native)
        call = known;
    if (call == __NR_SCMP_ERROR) {
        fprintf(stderr, "%s\n", name);
        return;
    }
    require(seccomp_rule_add_exact_array(ctx, action, call, count, args), name);
}

static int compile_rules(void)
{
    char line[1024];
    char arch[16] = "";
    scmp_filter_ctx ctx = NULL;

    while (fgets(line, sizeof(line), stdin) != NULL) {
        const char *word = strtok(line, " \n");
        const char *value = strtok(NULL, " \n");
        if (word == NULL || value == NULL)
            return 1;
        if (strcmp(word, "arch") == 0) {
            snprintf(arch, sizeof(arch), "%s", value);
        } else if (strcmp(word, "default") == 0) {
            ctx = seccomp_init((uint32_t)number(value));
            if (ctx == NULL)
                return 1;
            require(seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS), "bad architecture");
            set_arch(ctx, arch);
        } else {
            add_rule(ctx, seccomp_arch_resolve_name(arch) == seccomp_arch_native(), value);
        }
    }
    require(seccomp_export_bpf(ctx, STDOUT_FILENO), "seccomp_export_bpf");
    seccomp_release(ctx);
    return 0;
}

static int try_call(char *text)
{
    unsigned long values[7] = {0};
    size_t count = 0;

    for (const char *value = strtok(text, ":"); value != NULL && count < 7; value = strtok(NULL, ":"))
        values[count++] = number(value);
    errno = 0;
    (void)syscall((long)values[0], values[1], values[2], values[3], values[4], values[5], values[6]);
    return errno;
}

static int try_calls(int count, char **calls)
{
    static struct sock_filter filter[4096];
    size_t length = fread(filter, sizeof(filter[0]), 4096, stdin);
    struct sock_fprog program = {.len = (unsigned short)length, .filter = filter};

    require(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 ? 0 : -errno, "no_new_privs");
    require(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0 ? 0 : -errno, "seccomp");
    for (int i = 0; i < count; i++)
        printf("%d\n", try_call(calls[i]));
    return 0;
}

int main(int argc, char **argv)
{
    if (argc >= 2 && strcmp(argv[1], "compile") == 0)
        return compile_rules();
    if (argc >= 2 && strcmp(argv[1], "try") == 0)
        return try_calls(argc - 2, argv + 2);
    fprintf(stderr, "usage: seccomp_oracle compile | seccomp_oracle try CALL...\n");
    return 2;
}
