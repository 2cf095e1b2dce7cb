#include <unistd.h>

/* Takes no processor time at all. */
int main(void)
{
    return pause();
}
