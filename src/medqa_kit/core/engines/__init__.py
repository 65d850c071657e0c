"""Work beyond this process: other processes of this machine, and rows that Ray Data and Spark hold."""
