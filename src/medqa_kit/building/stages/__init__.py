"""The decisions about the rows of a build, stage by stage; each calls a verb that can be used without a recipe."""
