// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.launch;

import dev.hutch.internal.kernel.Kernel;
import dev.hutch.spec.Errno;
import dev.hutch.spec.Namespace;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.User;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A user namespace that is only a map: the owner of a workspace's folder on the disk becomes the user inside. A process
 * is cloned to hold it while it is opened; mounts keep it alive after that.
 */
final class OwnerMap {
    private final Kernel kernel;
    private final Zygote zygote;
    private final AtomicLong nextId;

    OwnerMap(Kernel kernel, Zygote zygote, AtomicLong nextId) {
        this.kernel = kernel;
        this.zygote = zygote;
        this.nextId = nextId;
    }

    /** The namespace's descriptor; -1 where the owner is the user inside already. */
    int open(Kernel.Stat folder, Ids ids, User user) throws SandboxException {
        long uid = ids.hostUid(user.uid());
        long gid = ids.hostGid(user.gid());
        if (Integer.toUnsignedLong(folder.uid()) == uid && Integer.toUnsignedLong(folder.gid()) == gid) {
            return -1;
        }
        int[] ends = kernel.socketPair();
        try (Channel channel = new Channel(kernel, ends[0])) {
            try {
                zygote.request(nextId.getAndIncrement(), 0, Namespace.USER.cloneFlag(), Ignored.INSTANCE, ends[1]);
            } finally {
                kernel.close(ends[1]);
            }
            Channel.Cloned holder = channel.cloned();
            kernel.close(holder.pidfd());
            String proc = "/proc/" + holder.pid();
            kernel.write(proc + "/uid_map", line(folder.uid(), uid));
            kernel.write(proc + "/gid_map", line(folder.gid(), gid));
            return kernel.open(proc + "/ns/user", 0, 0);
        }
    }

    private static String line(int onDisk, long host) throws SandboxException {
        if (host < 0) {
            throw new SandboxException(
                    "workspace", "", Errno.EINVAL, "the user inside is not in the sandbox's map: choose another -u");
        }
        return Integer.toUnsignedString(onDisk) + " " + host + " 1\n";
    }

    /** Nobody waits for the holder. */
    private enum Ignored implements Zygote.Listener {
        INSTANCE;

        @Override
        public void ended(Report report) {}

        @Override
        public void reaped(Report report) {}

        @Override
        public void lost() {}
    }
}
