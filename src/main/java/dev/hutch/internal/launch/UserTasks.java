// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.launch;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** How many tasks a user has, which RLIMIT_NPROC counts all together; getrlimit(2). */
final class UserTasks {
    private UserTasks() {}

    /** Processes and threads of that real uid, as far as /proc shows them. */
    static int of(int uid) {
        String[] names = new File("/proc").list((folder, name) -> Character.isDigit(name.charAt(0)));
        int tasks = 0;
        for (String name : names == null ? new String[0] : names) {
            tasks += tasks(name, Integer.toUnsignedString(uid));
        }
        return tasks;
    }

    private static int tasks(String pid, String uid) {
        boolean its = false;
        try {
            for (String line : Files.readAllLines(Path.of("/proc", pid, "status"))) {
                String[] words = line.split("\\s+");
                its |= words[0].equals("Uid:") && words[1].equals(uid);
                if (its && words[0].equals("Threads:")) {
                    return Integer.parseInt(words[1]);
                }
            }
        } catch (IOException e) {
            // It has ended meanwhile.
            return 0;
        }
        return 0;
    }
}
