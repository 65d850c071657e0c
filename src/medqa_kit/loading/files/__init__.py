"""Where the bytes of a part are: local paths, members of zip archives, urls of a hub."""
