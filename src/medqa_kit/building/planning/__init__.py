"""What a build would do, told before anything is fetched."""
