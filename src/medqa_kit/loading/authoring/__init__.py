"""For authors of sources: a package to begin with, and the contract that every source keeps."""
