"""What two rooms need, once: columns, lists, hashes, holders of rows, threads, files, arguments."""
