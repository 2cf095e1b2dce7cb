// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.seccomp;

import dev.hutch.spec.Allow;
import dev.hutch.spec.Capability;
import dev.hutch.spec.Errno;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.SeccompProfile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Compiles profiles to filters, and keeps the last few: launches mostly ask for the same one. Thread-safe. */
public final class SeccompFilters {
    private static final int KEPT = 16;
    private static final int LARGEST_FILE = 1 << 20;
    private static final String DEFAULT = "";
    private static final String OWN = "(Hutch's own)";

    /** By the profile's text, so that a file that was changed is never taken for what it was, and all that matters. */
    private final Map<List<Object>, byte[]> compiled = new LinkedHashMap<>(KEPT, 0.75f, true);

    /**
     * The filter as seccomp(2) takes it, 8 bytes an instruction; empty for {@link SeccompProfile.Unconfined}.
     *
     * @param capabilities those that the program has
     * @param init whether the container has an init of ours as PID 1
     * @param major the kernel's version, as in 6.18
     * @param minor its second part
     */
    public byte[] compile(
            SeccompProfile profile,
            Set<Capability> capabilities,
            Set<Allow> allow,
            boolean init,
            Architecture architecture,
            int major,
            int minor)
            throws SandboxException {
        if (profile instanceof SeccompProfile.Unconfined) {
            return new byte[0];
        }
        String text = profile instanceof SeccompProfile.File file ? read(file.path()) : DEFAULT;
        String source =
                profile instanceof SeccompProfile.File file ? file.path().toString() : OWN;
        Circumstances now = new Circumstances(architecture, capabilities, allow, init, major, minor);
        List<Object> key = List.of(text, architecture, now.capabilities(), now.allow(), init, major, minor);
        synchronized (compiled) {
            byte[] known = compiled.get(key);
            if (known == null) {
                known = compile(text, now, source);
                compiled.put(key, known);
                if (compiled.size() > KEPT) {
                    compiled.remove(compiled.keySet().iterator().next());
                }
            }
            return known.clone();
        }
    }

    /**
     * What stands beside Landlock in a sandbox without namespaces; 8 bytes an instruction.
     *
     * @param version Landlock's
     * @param network whether the host's network is open
     * @param ownIds whether the program's ids are nobody else's
     * @param command the command's pid
     */
    public static byte[] fence(int version, boolean network, boolean ownIds, int command, Architecture architecture)
            throws SandboxException {
        Profile profile = FenceProfile.of(version, network, ownIds, command);
        Circumstances now = new Circumstances(architecture, Set.of(), Set.of(), true, 0, 0);
        return BpfCompiler.compile(Ruling.of(profile, now, SyscallTable.of(architecture)), "(Landlock's)");
    }

    private static byte[] compile(String text, Circumstances now, String source) throws SandboxException {
        if (!text.equals(DEFAULT)) {
            return compiled(text, now, source);
        }
        Optional<byte[]> ready = DefaultFilter.of(now);
        return ready.isPresent() ? ready.get() : compileDefault(now);
    }

    static byte[] compileDefault(Circumstances now) throws SandboxException {
        return compiled(Resources.text("default-profile.json"), now, OWN);
    }

    private static byte[] compiled(String json, Circumstances now, String source) throws SandboxException {
        Profile profile = ProfileReader.read(source, json, now.architecture());
        return BpfCompiler.compile(Ruling.of(profile, now, SyscallTable.of(now.architecture())), source);
    }

    private static String read(Path path) throws SandboxException {
        // A FIFO or a terminal would block the launch.
        if (Files.exists(path) && !Files.isRegularFile(path)) {
            throw new SandboxException("seccomp profile", path.toString(), null, "is not a regular file");
        }
        String text;
        try (InputStream in = Files.newInputStream(path)) {
            byte[] bytes = in.readNBytes(LARGEST_FILE + 1);
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (NoSuchFileException e) {
            throw new SandboxException("seccomp profile", path.toString(), Errno.ENOENT, "give the path of a profile");
        } catch (CharacterCodingException e) {
            throw new SandboxException("seccomp profile", path.toString(), "is not UTF-8", e);
        } catch (IOException e) {
            throw new SandboxException("seccomp profile", path.toString(), "can't be read: " + e.getMessage(), e);
        }
        if (text.isEmpty() || text.length() > LARGEST_FILE) {
            String why = text.isEmpty() ? "is empty" : "is larger than 1 MiB";
            throw new SandboxException("seccomp profile", path.toString(), null, why);
        }
        return text;
    }
}
