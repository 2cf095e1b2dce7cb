// SPDX-License-Identifier: Apache-2.0
import dev.hutch.Sandbox;
import dev.hutch.spec.Command;
import dev.hutch.spec.OutcomeException;
import dev.hutch.spec.Size;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.NoSuchElementException;

/**
 * Converts documents of strangers by a tool that trusts them too much. The document goes in, the text comes out, and
 * there is nothing else inside to read, nobody to talk to, and an end to it.
 *
 * <p>Usage: {@code DocumentConverter TOOLS DOCUMENT...}: the folder of to_text.py, and XML files.
 */
public class DocumentConverter {
    private final Sandbox box;

    DocumentConverter(Path tools) {
        box = Sandbox.builder()
                .bindReadOnly(tools.toAbsolutePath(), Path.of("/tools"))
                .memory(Size.mebibytes(128))
                .wallTime(Duration.ofSeconds(5))
                .outputLimit(Size.kibibytes(64)) // of messages; the text is a file
                .build();
    }

    /**
     * The document's text.
     *
     * @throws OutcomeException if the tool failed or was ended, with its messages
     * @throws NoSuchElementException if it left no text, something that is no file in its place, or too much
     */
    String convert(Path document) throws IOException, InterruptedException {
        Command tool = Command.builder("python3", "/tools/to_text.py", "in.xml", "out.txt")
                .file("in.xml", document)
                .collect("out.txt", Size.mebibytes(8))
                .build();
        return box.run(tool).orThrow().files().text("out.txt");
    }

    public static void main(String[] arguments) throws Exception {
        DocumentConverter converter = new DocumentConverter(Path.of(arguments[0]));
        for (int i = 1; i < arguments.length; i++) {
            Path document = Path.of(arguments[i]);
            System.out.println("== " + document.getFileName());
            try {
                System.out.println(converter.convert(document));
            } catch (OutcomeException | NoSuchElementException e) {
                System.out.println("not converted: " + e.getMessage());
            }
        }
    }
}
