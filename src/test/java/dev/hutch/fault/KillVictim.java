// SPDX-License-Identifier: Apache-2.0
package dev.hutch.fault;

import dev.hutch.Sandbox;
import dev.hutch.spec.Command;
import dev.hutch.spec.Size;
import java.util.Random;

/** A JVM that is made to be killed while it does everything at once. */
final class KillVictim {
    private static final int THREADS = 4;

    private KillVictim() {}

    public static void main(String[] args) throws Exception {
        SoakBoxes boxes = new SoakBoxes();
        System.out.println("launching");
        long seed = Long.parseLong(args[0]);
        for (int i = 0; i < THREADS; i++) {
            Random random = new Random(seed + i);
            new Thread(() -> launchForEver(boxes, random)).start();
        }
        Command files = Command.shell("cat in > out").toBuilder()
                .file("in", "text")
                .collect("out", Size.kibibytes(1))
                .build();
        Sandbox box = boxes.plain;
        while (true) {
            try {
                box.run(files);
            } catch (Exception | AssertionError shotDown) {
                continue;
            }
        }
    }

    /** Its zygote and its containers are killed too, so that any end may come. */
    private static void launchForEver(SoakBoxes boxes, Random random) {
        SoakLaunch[] kinds = SoakLaunch.values();
        while (true) {
            try {
                kinds[random.nextInt(kinds.length)].launch(boxes, random);
            } catch (Exception | AssertionError shotDown) {
                continue;
            }
        }
    }
}
