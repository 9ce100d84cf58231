"""Bad days, met as a person meets them: the command line against an endpoint that refuses, stalls, or is not there."""
