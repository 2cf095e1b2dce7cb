// SPDX-License-Identifier: Apache-2.0
package dev.hutch;

import dev.hutch.spec.CollectedFiles;
import dev.hutch.spec.Command;
import dev.hutch.spec.Egress;
import dev.hutch.spec.Limits;
import dev.hutch.spec.Network;
import dev.hutch.spec.PortMapping;
import dev.hutch.spec.Refusal;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.SandboxResult;
import dev.hutch.spec.Signal;
import dev.hutch.spec.Size;
import dev.hutch.spec.Usage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * A program that runs in a sandbox, as a {@link Process}: code that was written for one takes it. Its streams end when
 * the container ends, also where somebody still holds a pipe. {@link #close} ends the container. Thread-safe, as
 * {@link Process} is. A virtual thread that reads, writes or waits here parks and holds no carrier (Java 21 or newer); an
 * interrupt ends a wait, and leaves a read or write alone, which a close of the stream ends.
 *
 * <p>{@link Sandbox#start} makes them. Extend it in a {@link SandboxRunner} of your own only.
 *
 * @since 0.1
 */
public abstract class SandboxProcess extends Process implements AutoCloseable {
    /** For a {@link SandboxRunner}. */
    protected SandboxProcess() {}

    /**
     * Waits for the end, and until output that was redirected is delivered: the whole account; output itself is the
     * streams' and not in it, only how much there was so far.
     *
     * @throws SandboxException if the sandbox was lost with its zygote; {@link #waitFor} and {@link #exitValue}, where a
     *     Process throws nothing, have it as the cause of an {@link java.io.UncheckedIOException}
     * @throws IOException if redirected output could not be delivered
     */
    public abstract SandboxResult result() throws IOException, InterruptedException;

    /**
     * Sends a signal to the command alone.
     *
     * @throws UnsupportedOperationException where the runner can't
     */
    public abstract void signal(Signal signal);

    /**
     * What the sandbox uses now, by its cgroup: a few small files are read, no process is disturbed. After the end, the
     * processor times and peaks that were counted last; what is in it now is empty then.
     *
     * @throws SandboxException if no cgroup holds the sandbox (a plain user's without a delegated one): nothing counts it
     * @throws UnsupportedOperationException where the runner counts nothing
     */
    public Usage usage() throws SandboxException {
        throw new UnsupportedOperationException("usage of " + getClass().getSimpleName());
    }

    /**
     * Stops all processes of the sandbox by the cgroup freezer, and answers when they have stopped. They can't notice.
     * Deadlines go on; ending the sandbox works as ever; other signals take effect when it is resumed. Pausing twice is
     * pausing once. Waits up to five seconds and is not interrupted.
     *
     * @throws SandboxException if the sandbox has ended; if not all processes stop in time, who then go on; or if no cgroup
     *     holds the sandbox
     * @throws UnsupportedOperationException where the runner can't
     */
    public void pause() throws SandboxException {
        throw new UnsupportedOperationException("pause of " + getClass().getSimpleName());
    }

    /**
     * The sandbox's network, for {@link Sandbox.Builder#network} of others: they have its interfaces and addresses, and
     * reach what it serves on loopback. It can be joined while this sandbox runs; what it has of a bridge goes with this
     * sandbox, and who is left has loopback alone.
     *
     * @throws SandboxException if this is not root's JVM, the network is the host's, or the sandbox has ended
     * @throws UnsupportedOperationException where the runner can't
     */
    public Network network() throws SandboxException {
        throw new UnsupportedOperationException("network of " + getClass().getSimpleName());
    }

    /**
     * Continues what {@link #pause} stopped; nothing happens to a sandbox that runs or has ended.
     *
     * @throws SandboxException if no cgroup holds the sandbox
     * @throws UnsupportedOperationException where the runner can't
     */
    public void resume() throws SandboxException {
        throw new UnsupportedOperationException("resume of " + getClass().getSimpleName());
    }

    /**
     * The limits in force: the sandbox's, or those of the last {@link #updateLimits}.
     *
     * @throws UnsupportedOperationException where the runner has none
     */
    public Limits limits() {
        throw new UnsupportedOperationException("limits of " + getClass().getSimpleName());
    }

    /**
     * Sets other limits while it runs. They are the whole set: begin with {@code limits().toBuilder()} to keep the rest.
     * Only what differs is written, each is read back, and either all hold or those before do. Memory that is lowered below
     * what is in use is refused by version 1 (EBUSY), while version 2 ends processes where it can't reclaim enough.
     *
     * @throws SandboxException if one is refused, which it names; if the sandbox has ended; or if no cgroup holds it
     * @throws UnsupportedOperationException where the runner can't
     */
    public void updateLimits(Limits limits) throws SandboxException {
        throw new UnsupportedOperationException("updateLimits of " + getClass().getSimpleName());
    }

    /**
     * The ports of the host's that lead to the sandbox, as its network publishes them, each with the port that the host
     * really gave: one that was to be any free one has its number here. Empty where none are published.
     *
     * @throws UnsupportedOperationException where the runner has no networks
     */
    public List<PortMapping> ports() {
        throw new UnsupportedOperationException("ports of " + getClass().getSimpleName());
    }

    /**
     * Sets another egress list while it runs, in place of the whole one before, all at once. What is taken off is cut off:
     * connections to it that are open end at the next packet that the sandbox sends. What is added can be reached from now
     * on, names when they are looked up again. Decisions made so far hold as long as the list has the same {@link
     * dev.hutch.spec.Egress.Decision}.
     *
     * @throws SandboxException if the sandbox was started without a list, or has ended
     * @throws UnsupportedOperationException where the runner can't
     */
    public void egress(Egress list) throws SandboxException {
        throw new UnsupportedOperationException("egress of " + getClass().getSimpleName());
    }

    /**
     * What it wanted to reach so far and is not on its egress list, as {@link SandboxResult#refused} has it at the end.
     *
     * @throws SandboxException if the kernel can't be asked
     * @throws UnsupportedOperationException where the runner can't
     */
    public List<Refusal> refused() throws SandboxException {
        throw new UnsupportedOperationException("refused of " + getClass().getSimpleName());
    }

    /**
     * Starts one more command in the container that this one runs in: with its namespaces, files, ids, limits and walls, and
     * the same filter. It is a process of its own, whose streams, signals, outcome, wall time and output limit are its own;
     * {@link #destroyForcibly} and {@link #close} end that command only, and what it leaves in the background lives on.
     *
     * <p>The container lives as long as its first command, and with it ends whatever runs in it: then the result here is
     * {@code Signalled} by SIGKILL. Usage, limits and pausing are the container's. The account's processor time, and what
     * was met of the limits, is of the whole container while the command ran; the peaks are since the container began. Each
     * command is two of the container's tasks, itself and one of Hutch's.
     *
     * @throws SandboxException if it could not be started, or the sandbox has ended or is paused
     * @throws IllegalArgumentException if the command says what goes with {@code run} only
     * @throws UnsupportedOperationException where the runner can't
     */
    public SandboxProcess exec(Command command) throws IOException {
        throw new UnsupportedOperationException("exec in " + getClass().getSimpleName());
    }

    /**
     * Copies a file, or a folder with all below it, into the container while it runs, as the user inside: to its ids, and
     * only where that user may write. A file that is there is replaced; folders are kept, and made where they are missing.
     * No symbolic link inside is followed, on no part of the way. Executable files stay so; other modes are 0644 and 0755.
     *
     * @param host of any size; a link to it is followed, others in it are refused
     * @param inside absolute; the file's or folder's own place, not its parent's
     * @throws SandboxException if it can't be written there, or the sandbox has ended or is paused
     * @throws IllegalArgumentException if {@code inside} is not absolute, or {@code host} holds what is neither a regular
     *     file nor a folder; what was copied before stays
     * @throws UnsupportedOperationException where the runner can't
     */
    public void copyIn(Path host, Path inside) throws IOException {
        throw new UnsupportedOperationException("copyIn of " + getClass().getSimpleName());
    }

    /**
     * Copies a file, or a folder with all below it, out of the container while it runs. No symbolic link is followed, on no
     * part of the way; of what is in a folder, regular files and folders are copied and nothing else is opened. A file
     * that is being written may be copied in part. It is read with this process's rights: a plain user may not read all
     * that the ids inside may.
     *
     * @param inside absolute, and not in /proc, /sys or /dev
     * @param host must not exist, its parent must
     * @param limit of all files together; what was copied when it is met stays
     * @return up to 1,000 of those that were left out, with the reason
     * @throws SandboxException if it can't be copied, is more than the limit, or the sandbox has ended
     * @throws IllegalArgumentException if {@code inside} is not absolute, or is in one of those
     * @throws UnsupportedOperationException where the runner can't
     */
    public List<CollectedFiles.LeftOut> copyOut(Path inside, Path host, Size limit) throws IOException {
        throw new UnsupportedOperationException("copyOut of " + getClass().getSimpleName());
    }

    /** As {@link #exec(Command)}, of a program and its arguments. */
    public final SandboxProcess exec(String... arguments) throws IOException {
        return exec(Command.of(arguments));
    }

    /**
     * Gives its terminal's window another size, which the programs in the terminal's foreground hear of by SIGWINCH;
     * ioctl_tty(2). Nothing happens where that is its size, or the sandbox has ended.
     *
     * @param columns 1 to 32,767
     * @param rows 1 to 32,767
     * @throws IllegalStateException if it has no terminal: {@link dev.hutch.spec.Command.Builder#terminal}
     * @throws SandboxException if it was closed
     * @throws UnsupportedOperationException where the runner can't
     */
    public void resize(int columns, int rows) throws SandboxException {
        throw new UnsupportedOperationException("resize of " + getClass().getSimpleName());
    }

    /** Ends the container, waits until nothing is left of it and redirected output is delivered, closes the streams. */
    @Override
    public abstract void close();
}
