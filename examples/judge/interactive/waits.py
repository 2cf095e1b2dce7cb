# Waits for a first word that never comes.
print(len(input()))
