"""Bringing incidents over from another system by replaying their history through our own verbs.

``events`` is what every format is read into, ``servicenow`` reads one format (pure), ``directory`` makes the
people and places a file names, ``replay`` lives one incident again, ``run`` does a whole file.
"""
