"""Independent implementation of the yadgar formats, made from protocol/spec only."""
