// SPDX-License-Identifier: Apache-2.0
package dev.hutch.fault;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hutch.Sandbox;
import dev.hutch.SandboxProcess;
import dev.hutch.SandboxSession;
import dev.hutch.spec.Command;
import dev.hutch.spec.Outcome;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.SandboxResult;
import dev.hutch.spec.Signal;
import dev.hutch.support.Inside;
import java.io.IOException;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;

/** A launch of a soak: what is started, and the end that it must have. */
enum SoakLaunch {
    EXITED {
        @Override
        void launch(SoakBoxes boxes, Random random) throws Exception {
            exits(boxes.plain, random.nextInt(256));
        }
    },
    FROM_THE_STOCK {
        @Override
        void launch(SoakBoxes boxes, Random random) throws Exception {
            int status = random.nextInt(256);
            assertThat(boxes.prepared.run("/bin/sh", "-c", "exit " + status).outcome())
                    .isEqualTo(new Outcome.Exited(status));
        }
    },
    FROM_THE_POOL {
        @Override
        void launch(SoakBoxes boxes, Random random) throws Exception {
            int status = random.nextInt(256);
            assertThat(boxes.pool.run(PROBE, "exit", Integer.toString(status)).outcome())
                    .isEqualTo(new Outcome.Exited(status));
        }
    },
    WITHOUT_INIT {
        @Override
        void launch(SoakBoxes boxes, Random random) throws Exception {
            exits(boxes.guarded, random.nextInt(256));
        }
    },
    SIGNALLED {
        @Override
        void launch(SoakBoxes boxes, Random random) throws Exception {
            int signal = random.nextBoolean() ? 9 : 15;
            assertThat(boxes.plain
                            .run("/bin/sh", "-c", "kill -" + signal + " $$")
                            .outcome())
                    .isEqualTo(new Outcome.Signalled(new Signal(signal)));
        }
    },
    LATE {
        @Override
        void launch(SoakBoxes boxes, Random random) throws Exception {
            assertThat(boxes.hurried.run("/bin/sleep", "1000").outcome()).isInstanceOf(Outcome.Timeout.class);
        }
    },
    BUSY {
        @Override
        void launch(SoakBoxes boxes, Random random) throws Exception {
            assertThat(boxes.thrifty.run("/bin/sh", "-c", "while :; do :; done").outcome())
                    .isInstanceOf(Outcome.CpuTimeout.class);
        }
    },
    OUT_OF_MEMORY {
        @Override
        void launch(SoakBoxes boxes, Random random) throws Exception {
            assertThat(boxes.tight.run(PROBE, "memhog", "20000000").outcome()).isInstanceOf(Outcome.OutOfMemory.class);
        }
    },
    FLOODING {
        @Override
        void launch(SoakBoxes boxes, Random random) throws Exception {
            assertThat(boxes.flooded.run(PROBE, "flood").outcome()).isInstanceOf(Outcome.OutputLimit.class);
        }
    },
    MISSING {
        @Override
        void launch(SoakBoxes boxes, Random random) {
            Sandbox box = random.nextBoolean() ? boxes.plain : boxes.prepared;
            assertThatThrownBy(() -> box.run("/no/such/program"))
                    .isInstanceOf(SandboxException.class)
                    .hasMessageContaining("ENOENT");
        }
    },
    CLOSED_EARLY {
        @Override
        void launch(SoakBoxes boxes, Random random) throws Exception {
            Sandbox box = random.nextBoolean() ? boxes.plain : boxes.guarded;
            try (SandboxProcess process = box.start(PROBE, "ignore-signals")) {
                moment(random);
                assertThat(process.isAlive()).isTrue();
            }
        }
    },
    CLOSED_BY_ANOTHER_THREAD {
        @Override
        void launch(SoakBoxes boxes, Random random) throws Exception {
            SandboxProcess process = boxes.pool.start(PROBE, "flood");
            CompletableFuture<Void> closing = CompletableFuture.runAsync(() -> {
                moment(random);
                process.close();
            });
            try {
                process.getInputStream().readAllBytes();
            } catch (IOException e) {
                assertThat(e).hasMessage("Stream closed");
            }
            assertThat(process.result().outcome()).isEqualTo(new Outcome.Signalled(Signal.SIGKILL));
            closing.get();
        }
    },
    DESTROYED {
        @Override
        void launch(SoakBoxes boxes, Random random) throws Exception {
            SandboxProcess process = boxes.plain.start("/bin/sleep", "1000");
            moment(random);
            boolean forcibly = random.nextBoolean();
            if (forcibly) {
                process.destroyForcibly();
            } else {
                process.destroy();
            }
            // Not closed: the collector finds its pipes.
            assertThat(process.result().outcome())
                    .isEqualTo(new Outcome.Signalled(forcibly ? Signal.SIGKILL : Signal.SIGTERM));
        }
    },
    PAUSED {
        @Override
        void launch(SoakBoxes boxes, Random random) throws Exception {
            try (SandboxProcess process = boxes.plain.start(PROBE, "ignore-signals")) {
                process.pause();
                if (random.nextBoolean()) {
                    process.resume();
                }
            }
        }
    },
    JOINED {
        @Override
        void launch(SoakBoxes boxes, Random random) throws Exception {
            try (SandboxProcess process = boxes.plain.start(PROBE, "ignore-signals")) {
                int status = random.nextInt(256);
                try (SandboxProcess second = process.exec(PROBE, "exit", Integer.toString(status))) {
                    assertThat(second.result().outcome()).isEqualTo(new Outcome.Exited(status));
                }
                process.exec("/bin/sleep", "1000");
            }
        }
    },
    IN_A_SESSION {
        @Override
        void launch(SoakBoxes boxes, Random random) throws Exception {
            try (SandboxSession session = SandboxSession.builder(boxes.plain).build()) {
                session.run("/bin/sh", "-c", "echo kept > /tmp/file");
                assertThat(session.run("/bin/cat", "/tmp/file").out()).isEqualTo("kept\n");
                session.start("/bin/sleep", "1000");
            }
        }
    },
    CANCELLED {
        @Override
        void launch(SoakBoxes boxes, Random random) {
            CompletableFuture<SandboxResult> future = boxes.plain.runAsync("/bin/sleep", "1000");
            moment(random);
            assertThat(future.cancel(true)).isTrue();
        }
    },
    SPOKEN_WITH {
        @Override
        void launch(SoakBoxes boxes, Random random) throws Exception {
            String word = Long.toHexString(random.nextLong());
            try (SandboxProcess process = boxes.prepared.start("/bin/cat")) {
                process.getOutputStream().write(word.getBytes(US_ASCII));
                process.getOutputStream().close();
                assertThat(process.getInputStream().readAllBytes()).isEqualTo(word.getBytes(US_ASCII));
                assertThat(process.waitFor()).isZero();
            }
        }
    },
    FED {
        @Override
        void launch(SoakBoxes boxes, Random random) throws Exception {
            String text = "x".repeat(random.nextInt(200_000));
            Command cat = Command.builder("/bin/cat").input(text).build();
            assertThat(boxes.plain.run(cat).out()).isEqualTo(text);
        }
    };

    private static final String PROBE = Inside.DESTINATION.toString();

    abstract void launch(SoakBoxes boxes, Random random) throws Exception;

    private static void exits(Sandbox box, int status) throws Exception {
        assertThat(box.run(PROBE, "exit", Integer.toString(status)).outcome()).isEqualTo(new Outcome.Exited(status));
    }

    /** Up to twice what a launch takes. */
    private static void moment(Random random) {
        LockSupport.parkNanos(random.nextInt(5_000_000));
    }
}
