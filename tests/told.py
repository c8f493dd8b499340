"""What a class says of arguments, those left out having their defaults."""

from posecfg.components.parts import Part


def facts(component, **arguments):
    return Part(component.__name__, component, arguments).facts
