// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.plan;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What of the host a sandbox without a root file system of its own sees: its programs, and of /etc what these need.
 * Taken once per context. What may hold secrets stays out. Immutable.
 *
 * @param trees folders and large files that are bound, absolute
 * @param links symbolic links, by absolute path
 * @param files small files of /etc, copied by content, by absolute path
 */
public record HostView(List<Path> trees, Map<Path, String> links, Map<Path, byte[]> files) {
    private static final long COPIED_UP_TO = 16 * 1024;

    private static final List<String> TOP = List.of("usr", "bin", "sbin", "lib", "lib32", "lib64", "libx32");

    /** Globs below /, found by running a hundred programs: each line is what some of them fail without. */
    private static final List<String> ALSO = List.of(
            "etc/alternatives",
            "etc/{java-*,maven,php,R,perl,python3*,libreoffice,chromium.d,ImageMagick-*,fonts,ghostscript,groff}",
            "etc/{texmf,xdg,OpenCL,vulkan,glvnd,mono,dotnet,emacs,vim,sgml,xml,dictionaries-common,gtk-3.0,alsa,X11}",
            "etc/{ld.so.cache,ld.so.conf,ld.so.conf.d,nsswitch.conf,host.conf,gai.conf,localtime,timezone}",
            "etc/{services,protocols,rpc,ethertypes,mime.types,mailcap,magic,magic.mime,os-release,debian_version}",
            "etc/{locale.alias,inputrc,bash.bashrc,profile.d,terminfo,papersize,shells,fpc*.cfg,crypto-policies}",
            "etc/ssl/{certs,openssl.cnf}",
            "etc/{pki,ca-certificates}",
            "var/lib/{ghc,texmf}",
            "var/cache/fontconfig");

    /** Looks at the host's files. */
    public static HostView scan() throws IOException {
        HostView view = new HostView(new ArrayList<>(), new TreeMap<>(), new TreeMap<>());
        for (String name : TOP) {
            view.add(Path.of("/", name));
        }
        for (String glob : ALSO) {
            int slash = glob.lastIndexOf('/');
            Path folder = Path.of("/", glob.substring(0, slash));
            if (!Files.isDirectory(folder)) {
                continue;
            }
            try (DirectoryStream<Path> found = Files.newDirectoryStream(folder, glob.substring(slash + 1))) {
                for (Path path : found) {
                    view.add(path);
                }
            }
        }
        return new HostView(List.copyOf(view.trees), Map.copyOf(view.links), Map.copyOf(view.files));
    }

    private void add(Path path) throws IOException {
        if (Files.isSymbolicLink(path)) {
            links.put(path, Files.readSymbolicLink(path).toString());
        } else if (Files.isDirectory(path)) {
            trees.add(path);
        } else if (Files.isRegularFile(path)
                && Files.getPosixFilePermissions(path).contains(PosixFilePermission.OTHERS_READ)) {
            if (Files.size(path) <= COPIED_UP_TO) {
                files.put(path, Files.readAllBytes(path));
            } else {
                trees.add(path);
            }
        }
    }
}
