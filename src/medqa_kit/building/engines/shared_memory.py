"""Imported last by the process that workers are forks of: its objects are left alone by the garbage collector.

A fork shares the memory of that process until one of the two writes to it, and each collection writes to every object
that it looks at. So no fork looks at those that were there before it.
"""

import gc

gc.collect()
gc.freeze()
