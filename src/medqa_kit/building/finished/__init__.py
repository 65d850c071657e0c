"""Questions about finished results: where a row is, and how two results differ; and rows taken out of one."""
