int main(void)
{
    return sum;
}
