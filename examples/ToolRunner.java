// SPDX-License-Identifier: Apache-2.0
import dev.hutch.Sandbox;
import dev.hutch.SandboxSession;
import dev.hutch.spec.Command;
import dev.hutch.spec.Network;
import dev.hutch.spec.Refusal;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.SandboxResult;
import dev.hutch.spec.Size;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/**
 * The tools of an AI agent: it writes files, runs shell lines and reads files in one container, where files stay from
 * call to call. What it does is taken for hostile, as what it has read may be; each call ends, and of a long answer
 * there is the beginning and the end.
 *
 * <p>Usage: {@code ToolRunner FILE [HOST[:PORT]...]}: a call a line, {@code write NAME TEXT}, {@code run LINE} or {@code
 * read NAME}; the hosts are all that it reaches, such as {@code pypi.org:443}.
 */
public class ToolRunner implements AutoCloseable {
    private static final Size ANSWER = Size.bytes(200);

    private final Sandbox box;
    private SandboxSession session;

    public ToolRunner(String... hosts) {
        box = Sandbox.builder()
                .memory(Size.mebibytes(256))
                .pids(32)
                .wallTime(Duration.ofSeconds(5)) // of each call
                .outputLimit(Size.mebibytes(1))
                .network(hosts.length == 0 ? Network.NONE : Network.user().egress(hosts))
                .build();
        session = box.session();
    }

    /** Standard output and error of a shell line, and how it ended where that was not well. */
    public String run(String line) throws IOException, InterruptedException {
        return answer(Command.shell(line).toBuilder().mergeError(true));
    }

    /** Writes a file; the home, where relative paths begin, is in memory and counts against its limit. */
    public String write(String path, String text) throws IOException, InterruptedException {
        return answer(Command.builder("cp", "/dev/stdin", path).input(text));
    }

    /** The content of a file. */
    public String read(String path) throws IOException, InterruptedException {
        return answer(Command.builder("cat", "--", path));
    }

    private String answer(Command.Builder tool) throws IOException, InterruptedException {
        try {
            SandboxResult result = session.run(tool.capture(ANSWER).build());
            session.endOthers(); // what the call left in the background
            String output = result.out() + result.err();
            return result.succeeded() ? output : output + "[" + result.inWords() + "]\n";
        } catch (SandboxException e) { // full of tasks, or ended: nothing can be started in it
            session.close();
            session = box.session();
            return "[a new container, without your files: " + e.getMessage() + "]\n";
        }
    }

    /** What it wanted to reach and may not, for whoever looks after it. */
    public List<Refusal> refused() throws IOException {
        return session.refused();
    }

    /** Ends the container, with all files in it. */
    @Override
    public void close() throws SandboxException {
        session.close();
    }

    public static void main(String[] arguments) throws Exception {
        String[] hosts = Arrays.copyOfRange(arguments, 1, arguments.length);
        try (ToolRunner tools = new ToolRunner(hosts)) {
            for (String call : Files.readAllLines(Path.of(arguments[0]))) {
                String[] words = call.split(" ", 3);
                String answer = switch (words[0]) {
                    case "write" -> tools.write(words[1], words[2]);
                    case "read" -> tools.read(words[1]);
                    default -> tools.run(call.substring("run ".length()));
                };
                System.out.print("> " + call + "\n" + answer);
            }
            for (Refusal each : tools.refused()) {
                System.out.println("refused: " + each.inWords());
            }
        }
    }
}
