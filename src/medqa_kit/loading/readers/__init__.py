"""Read the files of a part into batches with the declared columns and types.

One module a format. Arrow's own readers do the work; Python looks at single records only where
they fail, to say what is wrong or to set a record aside. Types are declared, never inferred.
"""
