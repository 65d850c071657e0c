"""Who works on the rows of a build: this process, several, or the workers of Ray and Spark."""
