"""The library that the scripts share; see the README for what PIElab answers."""
