"""Words, labels and commands in texts: nearest words, labels of options, commands of LaTeX."""
