"""A made-up Chinese IT service provider with three customers, to look around in.

``company`` makes people, teams, services and items; ``stories`` is what happened, as data; ``play`` lets it
happen through the real verbs at instants of the last weeks. Deterministic but for the day it is loaded on.
"""
