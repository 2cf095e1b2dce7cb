// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.files;

/** A pattern of paths: {@code *} and {@code ?} within a name, {@code **} as a name for any number of folders. */
final class Glob {
    private static final String ANY_FOLDERS = "**";

    private final String[] names;

    Glob(String text) {
        names = text.split("/");
    }

    int length() {
        return names.length;
    }

    boolean isAnyFolders(int i) {
        return names[i].equals(ANY_FOLDERS);
    }

    /** Whether only one name matches: it needs no listing. */
    boolean isLiteral(int i) {
        return names[i].indexOf('*') < 0 && names[i].indexOf('?') < 0;
    }

    String name(int i) {
        return names[i];
    }

    /** Without recursion or a regex: names are an untrusted program's. */
    boolean matches(int i, String name) {
        String pattern = names[i];
        int p = 0;
        int n = 0;
        int star = -1;
        int resume = 0;
        while (n < name.length()) {
            if (p < pattern.length() && pattern.charAt(p) == '*') {
                star = p++;
                resume = n;
            } else if (p < pattern.length() && (pattern.charAt(p) == '?' || pattern.charAt(p) == name.charAt(n))) {
                p++;
                n++;
            } else if (star >= 0) {
                p = star + 1;
                n = ++resume;
            } else {
                return false;
            }
        }
        while (p < pattern.length() && pattern.charAt(p) == '*') {
            p++;
        }
        return p == pattern.length();
    }
}
