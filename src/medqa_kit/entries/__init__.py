"""One file per source; each defines ``SOURCE``. Nothing else is edited to add one."""
