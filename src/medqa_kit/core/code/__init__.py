"""What code is made of: digests by which a result is known to be of this code."""
