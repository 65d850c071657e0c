"""Code that two or more rooms need: columns, lists, hashes, containers of rows, threads, files, arguments."""
