"""One file per screen; a screen shows what it is given and says which key was meant."""
