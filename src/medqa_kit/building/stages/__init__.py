"""What becomes of the rows of a build, stage by stage; each calls what exists outside recipes, too."""
